import type { Duplex } from 'node:stream'
import type { ContainerCreateOptions } from 'dockerode'
import { type Engine, statusOf } from './engine'
import { sendJanitor } from './janitor'

/** A container that is there for as long as we are. */
export interface HeldContainer {
  readonly id: string
  /** Its input, and its output in the engine's frames when that was asked for (`AttachStdout`). */
  readonly stream: Duplex
  /** Lets it end, and with it go unless it is to be kept. */
  release(): Promise<void>
}

/**
 * Makes a container and starts it. Its first process has to end at the end of its input, which we hold open: the
 * engine closes it when our connection goes, kill -9 included, and removes the container (`AutoRemove`).
 * @param prepare what is to be done before it is started
 */
export async function holdContainer(
  engine: Engine,
  name: string,
  body: ContainerCreateOptions,
  prepare: (id: string) => Promise<void> = () => Promise.resolve(),
): Promise<HeldContainer> {
  const stdout = body.AttachStdout === true
  // An engine keeps what was made and never started.
  const settled = sendJanitor(engine.endpoint, { remove: name })
  const whole: ContainerCreateOptions = {
    ...body,
    name,
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: stdout, AttachStderr: false, Tty: false },
  }
  const container = await engine.docker.createContainer(whole).catch((error: unknown) => {
    settled()
    throw error
  })
  try {
    await prepare(container.id)
    const input = (await container.attach({ stream: true, stdin: true, stdout, hijack: true })) as Duplex
    input.on('error', () => undefined)
    await container.start()
    settled()
    return {
      id: container.id,
      stream: input,
      release: async () => {
        input.end()
        await container
          .wait({ condition: body.HostConfig?.AutoRemove ? 'removed' : 'not-running' })
          .catch(() => undefined)
      },
    }
  } catch (error) {
    await container.remove({ force: true, v: true }).catch((failed: unknown) => {
      if (statusOf(failed) !== 404) throw failed
    })
    settled()
    throw error
  }
}

/**
 * A container that is never started, for what the engine can do with its files; gone when we are, kill -9 included.
 * @returns it, and what removes it
 */
export async function stillContainer(engine: Engine, name: string, body: ContainerCreateOptions) {
  const settled = sendJanitor(engine.endpoint, { remove: name })
  try {
    const labels = { Labels: { 'docker-bash.debug': 'toolbox', ...body.Labels } }
    const container = await engine.docker.createContainer({ ...body, ...labels, name, Entrypoint: ['/none'], Cmd: [] })
    const remove = async () => {
      await container.remove({ force: true, v: true })
      settled()
    }
    return { container, remove }
  } catch (error) {
    settled()
    throw error
  }
}
