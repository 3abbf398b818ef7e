import type { Engine } from '../engine/engine'
import { statusOf } from '../engine/engine'
import { runInside } from '../engine/run'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import type { Login } from '../ssh/survey'
import { look as lookScript, replace as replaceScript } from './edit-scripts'
import type { Change } from './lines'

/** A file of authorized keys to be changed. */
export interface Place {
  readonly path: string
  readonly login: Login
  /** Also where the path leads over a link, or into a mount. */
  readonly force: boolean
}

/** Bytes; larger ones are not rewritten. */
const limit = 1024 * 1024
const attempts = 5

interface Look {
  readonly exists: boolean
  /** The engine's side of a comparison: cksum's two numbers, or `none`. */
  readonly sum: string
  readonly text: string
}

/**
 * Changes a file so that at every moment either the old or the new one is there, whole: the new one is written beside
 * it, written through to the disk, compared, and renamed over it; only while the old one is still as it was read. What
 * somebody appended in between is carried over. Other lines are untouched.
 * @returns whether anything was changed
 * @throws DockerBashError when it may not or cannot be written; the file is then as it was
 */
export async function edit(engine: Engine, target: Target, place: Place, change: Change): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const now = await look(engine, target, place)
    const text = change(now.text)
    if (text === now.text) return false
    if (await replace(engine, target, place, now, text)) return true
  }
  throw new DockerBashError(`${place.path} in ${target.name} keeps changing while it is being changed`, {
    hint: 'something else writes to it all the time: find out what, then run this again',
  })
}

async function look(engine: Engine, target: Target, place: Place): Promise<Look> {
  const { stdout, code, stderr, cut } = await inside(engine, target, place, lookScript, [])
  if (code !== 0) throw refusal(target, place, stdout.toString('latin1').trim() || stderr)
  if (cut) throw refusal(target, place, 'large')
  const end = stdout.indexOf(0x0a)
  const sum = stdout.toString('latin1', 0, end)
  return { exists: sum !== 'none', sum, text: stdout.toString('latin1', end + 1) }
}

/** @returns false when the file is another by now */
async function replace(engine: Engine, target: Target, place: Place, now: Look, text: string): Promise<boolean> {
  const bytes = Buffer.from(text, 'latin1')
  const words = [now.sum, String(bytes.length)]
  const { stdout, code, stderr } = await inside(engine, target, place, replaceScript, words, bytes)
  if (code !== 0 && code !== 4) throw refusal(target, place, stdout.toString('latin1').trim() || stderr)
  return code === 0
}

/** As the user, where the file is in the user's own home: then it is the user's, and nothing else can be reached. */
async function inside(
  engine: Engine,
  target: Target,
  { path, login, force }: Place,
  script: string,
  words: readonly string[],
  input?: Buffer,
) {
  const own = path.startsWith(`${login.home}/`) && login.uid !== 0
  const command = ['/bin/sh', '-c', script, 'sh', path, login.home, force ? 'force' : '', ...words]
  try {
    return await runInside(engine, target.id, command, {
      user: own ? `${login.uid}:${login.gid}` : '0',
      limit: limit + 64,
      timeoutMs: 20_000,
      ...(input && { input }),
    })
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    throw new DockerBashError(`nothing can be run in ${target.name} to change ${path}`, {
      hint: 'it has to run and to have a shell',
      cause: error,
    })
  }
}

function refusal(target: Target, { path }: Place, why: string): DockerBashError {
  const { name } = target
  const [kind = '', ...rest] = why.split(' ')
  const about = rest.join(' ') || path
  const known: Record<string, readonly [string, string]> = {
    link: [`${about} in ${name} is a link`, 'it could lead anywhere; --force follows it'],
    mount: [
      `${path} in ${name} lies in a mount (${about})`,
      'other containers or the host may see it; --force writes there all the same',
    ],
    other: [`${about} in ${name} is not a regular file`, `look at it: docker-bash ${name} ls -ld ${about}`],
    large: [`${path} in ${name} is larger than ${limit / 1024} KiB`, 'that is not a list of keys: look at it'],
    readonly: [
      `${path} in ${name} cannot be written: the file system is read-only`,
      'start the container with a volume or a tmpfs there, or bake the key in: docker-bash key snippet',
    ],
    busy: [`${path} in ${name} is being changed by another docker-bash`, 'wait for it, then run this again'],
    full: [
      `${path} in ${name} cannot be written: no space left`,
      `nothing was changed; make room: docker-bash ${name} df -h`,
    ],
    denied: [
      `${path} in ${name} cannot be written: permission denied`,
      `look at it: docker-bash ${name} ls -ld ${about}`,
    ],
    home: [`${about}, the home in ${name}, is not there`, 'make it, owned by the user, then run this again'],
  }
  const [message, hint] = known[kind] ?? [
    `${path} in ${name} could not be changed: ${why.trim() || 'no reason given'}`,
    'nothing was changed',
  ]
  return new DockerBashError(message, { hint })
}
