import type { ContainerCreateOptions } from 'dockerode'
import { type Engine, statusOf } from './engine'

/** A container that is there for as long as we are. */
export interface HeldContainer {
  readonly id: string
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
  const container = await engine.docker.createContainer({
    ...body,
    name,
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: false, AttachStderr: false, Tty: false },
  })
  try {
    await prepare(container.id)
    const input = await container.attach({ stream: true, stdin: true, hijack: true })
    input.on('error', () => undefined)
    await container.start()
    return {
      id: container.id,
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
    throw error
  }
}
