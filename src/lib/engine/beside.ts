import { randomBytes } from 'node:crypto'
import { DockerBashError } from '../errors'
import type { Engine } from './engine'
import { type HeldContainer, holdContainer } from './owned-container'
import { refusalOf, statusOf } from './status'
import type { ContainerInspectInfo } from './types'

/** What a container of ours beside another one is, and what it may. */
export interface BesideOptions {
  /** For its name: `web-forward-0123ab`. */
  readonly use: string
  readonly image: string
  readonly entrypoint: readonly string[]
  /** In the PID namespace of the other one: its first process is seen there, and by it the root of its files. */
  readonly processes: boolean
  /** All that it has. */
  readonly capabilities: readonly string[]
}

/**
 * Starts a container of ours in the network of another one, with as little as it takes. Its output comes in the engine's
 * frames. It goes when its first process ends, as that has to do at the end of its input.
 * @throws DockerBashError when the engine refuses it
 */
export async function holdBeside(
  engine: Engine,
  name: string,
  { Id, HostConfig: its }: Pick<ContainerInspectInfo, 'Id' | 'HostConfig'>,
  { use, image, entrypoint, processes, capabilities }: BesideOptions,
): Promise<HeldContainer> {
  const target = `container:${Id}`
  const body = {
    Image: image,
    Entrypoint: [...entrypoint],
    Env: ['LC_ALL=C'],
    AttachStdout: true,
    Labels: { 'docker-bash.debug': Id },
    HostConfig: {
      // An engine takes twice as long where it has to make a network.
      NetworkMode: target,
      ...(processes && { PidMode: target }),
      AutoRemove: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: [...capabilities],
      SecurityOpt: ['no-new-privileges'],
      // What it says is for us only, and all that it carries.
      LogConfig: { Type: 'none', Config: {} },
      ...(its.UsernsMode && { UsernsMode: its.UsernsMode }),
    },
  }
  try {
    return await holdContainer(engine, `${name}-${use}-${randomBytes(3).toString('hex')}`, body)
  } catch (cause) {
    if (statusOf(cause) === undefined) throw cause
    throw new DockerBashError(`no container can be started beside ${name}: ${refusalOf(cause)}`, { cause })
  }
}

/** Whose PID namespace a container is in, as words: its first process is that one's, and so are the files seen by it. */
export function sharedProcesses({ PidMode }: ContainerInspectInfo['HostConfig']): string | undefined {
  if (!PidMode || PidMode === 'private') return undefined
  return PidMode === 'host' ? 'the host' : 'another container'
}
