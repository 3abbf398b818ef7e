import type { Size } from '../engine/exec'
import { DockerBashError } from '../errors'
import { wordsOf } from '../inside/argv'
import { knownShells, type Probed, type Request } from '../model'
import { plainWords } from './command'
import { withModes } from './terminal-modes'

/** What a client asks to be run. */
export interface Asked {
  /** Undefined: a login shell. */
  readonly command?: Buffer
  readonly env: readonly string[]
  readonly terminal?: { readonly size: Size; readonly modes: readonly string[] }
}

/** What is settled of a container's sessions before one is asked for. */
export interface Ways {
  /** Every session goes by the tools that are brought along. */
  readonly byTools: boolean
  /** Tools may be brought along where there is no shell. */
  readonly mayBring: boolean
  readonly via: Request['via']
}

/**
 * The request by the way that is asked for, with the terminal set first, or without the shell that is not there.
 * @throws DockerBashError, 127, where it takes a shell that is not there
 */
export function meantRequest(target: Probed, request: Request, { command, terminal }: Asked, ways: Ways): Request {
  if (ways.byTools) return { ...request, via: 'debug' }
  const { script, prefer, ...rest } = request
  // A new size reaches a terminal of the engine's, and none of a runtime's that copies to pipes.
  const via = terminal ? 'exec' : ways.via
  const way = via ? { via } : prefer ? { prefer } : {}
  const shells = knownShells(target)
  if (shells.length === 0) {
    const words = command && plainWords(command)
    if (words) return { ...rest, ...way, command: words }
    if (ways.mayBring) return request
    throw new DockerBashError(`${target.name} has no shell`, {
      hint: `bring one along: docker-bash debug ${target.name}; a command of plain words needs none`,
      code: 127,
    })
  }
  const modes = terminal?.modes ?? []
  const posix = shells.find((path) => !/fish|csh/.test(path))
  if (modes.length === 0 || !posix) return { ...rest, ...way, ...(script !== undefined && { script }) }
  return { ...rest, ...way, command: withModes(modes, wordsOf(target, request), posix) }
}
