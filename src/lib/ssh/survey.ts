import { readSmallFile } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { statusOf } from '../engine/engine'
import { runInside } from '../engine/run'
import { type PublicKey, parsePublic } from './fingerprint'
import script from './survey.sh'

/** What a container says of its SSH server. All of it is the container's own word about itself. */
export interface Survey {
  /** Absolute path of sshd; undefined when there is none. */
  readonly program?: string
  /** The port to try: the running server's, else what its configuration says. */
  readonly port: number
  /** A server listens on it. */
  readonly listening: boolean
  readonly hostKeys: readonly PublicKey[]
  /** What `sshd -T` prints, by its first word in lower case, each line's rest. */
  readonly settings: ReadonlyMap<string, readonly string[]>
  /** Why `sshd -T` printed nothing, in its own words. */
  readonly complaint?: string
  /** The login asked for, from passwd. */
  readonly login?: Login
  /** `/etc/insecure_key.pub`, as phusion's image has it. */
  readonly insecure?: PublicKey
  /** `/etc/service/sshd` is there: runit looks after it; `down` keeps it from starting. */
  readonly runit: 'none' | 'up' | 'down'
  /** my_init's script that makes host keys. */
  readonly regenerates: boolean
}

export interface Login {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/**
 * Asks the container about its SSH server: one exec as root. Where nothing can be run, the host keys at their usual
 * paths are read as files.
 * @param login by name or number
 */
export async function survey(engine: Engine, container: string, login = 'root'): Promise<Survey> {
  try {
    const { stdout, code } = await runInside(engine, container, ['/bin/sh', '-c', script, 'sh', login])
    if (code === 0) return readSurvey(stdout.toString())
  } catch (error) {
    if (statusOf(error) === undefined || statusOf(error) === 404 || statusOf(error) === 409) throw error
  }
  return { ...readSurvey(''), program: '/usr/sbin/sshd', hostKeys: await keyFiles(engine, container) }
}

async function keyFiles(engine: Engine, container: string): Promise<PublicKey[]> {
  const paths = ['ed25519', 'ecdsa', 'rsa'].map((kind) => `/etc/ssh/ssh_host_${kind}_key.pub`)
  const texts = await Promise.all(paths.map((path) => readSmallFile(engine, container, path, 4096)))
  return texts.flatMap((text) => parsePublic(text?.toString() ?? '') ?? [])
}

export function readSurvey(text: string): Survey {
  const facts = new Map<string, string[]>()
  for (const line of text.split(/\r?\n/)) {
    const blank = line.indexOf(' ')
    if (blank < 0) continue
    const kind = line.slice(0, blank)
    const known = facts.get(kind)
    if (known) known.push(line.slice(blank + 1))
    else facts.set(kind, [line.slice(blank + 1)])
  }
  const says = facts.get('says') ?? []
  const settings = settingsOf(says)
  const listens = new Set((facts.get('listens') ?? []).map((local) => Number.parseInt(local.split(':')[1] ?? '', 16)))
  const servers = facts.get('server') ?? []
  const configured = (settings.get('port') ?? ['22']).map(Number)
  const candidates = [...servers.flatMap(portsOf), ...configured]
  const port = candidates.find((one) => listens.has(one)) ?? configured[0] ?? 22
  const program = facts.get('program')?.[0]
  const login = loginOf(facts.get('user')?.[0])
  const insecure = parsePublic(facts.get('insecure')?.[0] ?? '')
  const runit = facts.get('runit')?.[0]
  return {
    ...(program && { program }),
    port,
    listening: servers.length > 0 && listens.has(port),
    hostKeys: (facts.get('key') ?? []).flatMap((line) => parsePublic(line) ?? []),
    settings,
    ...(!settings.has('port') && says.length > 0 && { complaint: says.at(-1) ?? '' }),
    ...(login && { login }),
    ...(insecure && { insecure }),
    runit: runit === 'up' || runit === 'down' ? runit : 'none',
    regenerates: facts.has('regenerates'),
  }
}

function settingsOf(lines: readonly string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  for (const line of lines) {
    const found = /^([a-z0-9]+) (.*)$/.exec(line)
    if (!found) continue
    const [, name = '', value = ''] = found
    const known = settings.get(name)
    if (known) known.push(value)
    else settings.set(name, [value])
  }
  return settings
}

/** From a server's command line, whose words are parted by NUL, or by blanks once it has renamed itself. */
export function portsOf(line: string): number[] {
  const words = line.split(/[\0 ]+/)
  return words.flatMap((word, index) => {
    const joined = /^-p(\d+)$/.exec(word)?.[1] ?? /^(?:-o)?port=(\d+)$/i.exec(word)?.[1]
    const value = joined ?? (word === '-p' ? words[index + 1] : undefined)
    return value && /^\d+$/.test(value) ? [Number(value)] : []
  })
}

function loginOf(line: string | undefined): Login | undefined {
  const [name, uid, gid, home, shell] = line?.split(':') ?? []
  return name && uid && gid && home
    ? { name, uid: Number(uid), gid: Number(gid), home, shell: shell || '/bin/sh' }
    : undefined
}
