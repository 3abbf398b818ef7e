import type { Duplex } from 'node:stream'
import type { Container, ContainerCreateOptions } from 'dockerode'
import { startCleanup } from './cleanup'
import { client } from './client'
import { type Engine, statusOf } from './engine'
import { ownerLabel, ownerOf } from './owner'
import { sweep } from './sweep'

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
  const settled = startCleanup(engine.endpoint, { remove: name })
  // Meant to stay, it is nobody's.
  const isKept = body.HostConfig?.AutoRemove !== true
  const whole: ContainerCreateOptions = {
    ...body,
    name,
    Labels: { ...body.Labels, ...(!isKept && owned()) },
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: stdout, AttachStderr: false, Tty: false },
  }
  const [container] = await Promise.all([create(engine, whole, settled), sweep(engine)])
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
    // An engine that is gone is waited for by the cleanup, when we are.
    const removed = await container.remove({ force: true, v: true }).then(
      () => true,
      (failed: unknown) => statusOf(failed) === 404,
    )
    if (removed) settled()
    throw error
  }
}

/**
 * A container that is never started, for what the engine can do with its files; gone when we are, kill -9 included.
 * @returns its ID, and what removes it
 */
export async function stillContainer(engine: Engine, name: string, body: ContainerCreateOptions) {
  const settled = startCleanup(engine.endpoint, { remove: name })
  const labels = { Labels: { 'docker-bash.debug': 'toolbox', ...body.Labels, ...owned() } }
  const container = await create(engine, { ...body, ...labels, name, Entrypoint: ['/none'], Cmd: [] }, settled)
  const remove = async () => {
    await container.remove({ force: true, v: true })
    settled()
  }
  return { id: container.id, remove }
}

/** @param settled called when it is certain that there is none: what the engine did not refuse it may have made */
async function create(engine: Engine, body: ContainerCreateOptions, settled: () => void): Promise<Container> {
  try {
    return await engine[client].docker.createContainer(body)
  } catch (error) {
    if (statusOf(error) !== undefined) settled()
    throw error
  }
}

/** The labels of what is of this session only, for whoever sweeps when we are gone. */
export function owned(): Record<string, string> {
  const owner = ownerOf(process.pid)
  return owner === undefined ? {} : { [ownerLabel]: owner }
}
