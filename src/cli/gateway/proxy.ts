import { createWriteStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { readSettings } from '../../lib/config/settings'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { inputSocket } from '../../lib/engine/input-socket'
import { DockerBashError } from '../../lib/errors'
import { Container } from '../../lib/gateway/container'
import { hostKey } from '../../lib/gateway/host-key'
import { ownDoor } from '../../lib/gateway/own-door'
import { everything } from '../../lib/gateway/permits'
import { serve } from '../../lib/gateway/serve'
import { Joined } from '../../lib/gateway/stdio'
import { loadServer } from '../../lib/ssh/server/mended'
import { parseTarget } from '../../lib/target/parse'
import { requireRunning } from '../../lib/target/state'
import { untilSignal } from '../abort-on-signal'
import { chosenToolbox } from '../debug/toolbox-flags'
import { loadAhead } from '../enter/preload'
import { findTarget } from '../find-target'
import { report, say } from '../output/errors'

export interface ProxyFlags extends EndpointChoice {
  readonly via: 'auto' | 'exec' | 'debug'
  readonly verbose: boolean
}

/** What our block of ssh_config matches; a container's name may end so, too, and is then written with both. */
const suffix = /\.docker$/

/**
 * An SSH server for one container on stdin and stdout, as a ProxyCommand.
 * @returns the exit code
 */
export async function proxy(word: string, flags: ProxyFlags): Promise<number> {
  if (isatty(0) || isatty(1)) {
    throw new DockerBashError('proxy speaks SSH on its input and output: it is for an ssh client, not for a terminal', {
      hint: `docker-bash ssh-config install sets it up; then: ssh ${word.replace(suffix, '')}.docker`,
    })
  }
  const settings = readSettings()
  const finding = findTarget(parseTarget(word.replace(suffix, '')), flags)
  // What it comes to is heard below; until then a refusal must not count as nobody's.
  finding.catch(() => undefined)
  // The question goes out first; while the engine answers, what comes next is loaded.
  await new Promise((sent) => setImmediate(sent))
  loadServer()
  const { engine, target } = await finding
  requireRunning(target)
  const key = hostKey()
  // Meanwhile ssh may have made a terminal raw.
  const tell = (text: string) => say(text, isatty(2) ? '\r\n' : '\n')
  const note = flags.verbose ? tell : () => undefined
  const via = flags.via === 'auto' ? undefined : flags.via
  const tools = { toolbox: chosenToolbox(undefined, settings) }
  const container = new Container({ ...{ engine, target, settings, via, tools }, note, warn: tell })
  const stream = new Joined(input(), output())
  const where = { container: target.name, id: target.id }
  const guest = { container, permits: everything, begin: () => () => undefined, where }
  const door = ownDoor(container, report)
  const serving = untilSignal((abort) => serve(stream, { hostKey: key, door, guest: () => guest }, abort))
  // While the client agrees on keys.
  loadAhead('runc')
  return serving
}

function input(): Socket {
  const stat = fstatSync(0)
  return stat.isFIFO() || stat.isSocket() ? inputSocket(0) : process.stdin
}

/** Written without waiting: a client that does not read must not keep us from reading. */
function output(): Writable {
  const stat = fstatSync(1)
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd: 1, readable: false, writable: true })
    : createWriteStream('', { fd: 1 })
}
