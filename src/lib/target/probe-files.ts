import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { statPath } from '../engine/archive'
import { inspectContainer } from '../engine/containers'
import { type Engine, statusOf } from '../engine/engine'
import { ContainerRoot } from '../host/container-rootfs'
import { readProc, readStat } from '../host/proc'
import { readRoots } from '../host/root-owned'
import type { Supervised } from '../host/shim-containers'
import { userFileLimit } from '../host/users'
import { at } from '../text/json-path'
import { filesBelow, firstShell, homeOf, inFolders, pathOf } from './shells'

/** What a look at a running container's files tells; nothing is run in it. Absent: not known. */
export interface Look {
  /** Absolute path of the shell that a session would begin with; empty: there is none. */
  readonly shell?: string
  /** `there`: installed, and whether it listens is not known from here. */
  readonly sshd?: 'listens' | 'silent' | 'there' | 'none'
  /** The port it listens on. */
  readonly port?: number
  /** The authorized_keys of whoever would be logged in; only from the container's own host. */
  readonly authorized?: string
  /** A runtime that is known holds it on this host. */
  readonly held: boolean
}

export interface Wish {
  readonly user?: string | undefined
  readonly shell?: string | undefined
  /** Where its sshd is said to listen. */
  readonly ports?: readonly number[]
}

const sshds = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd', '/usr/bin/sshd']
const usual = ['/bin/bash', '/bin/zsh', '/bin/ash', '/bin/sh']
/** Only where none of those is. */
const unusual = ['/usr/bin/sh', '/busybox/sh', '/usr/local/bin/sh', '/run/current-system/sw/bin/bash']

/**
 * From this host, where the container's supervisor is on it: no request at all.
 * @returns undefined when it is not certain that the process is the container's
 */
export async function lookFromHost(
  { pid, supervisor, bundle, known }: Supervised,
  wish: Wish,
): Promise<Look | undefined> {
  if (readStat(pid)?.parent !== supervisor) return undefined
  const root = new ContainerRoot(pid)
  const user = wish.user || ownUser(bundle)
  const shell = (await firstShell(filesBelow(root), user, wish.shell, () => envOf(bundle))) ?? ''
  const installed = sshds.some((path) => root.stat(path)?.isFile())
  const home = installed ? homeOf(root.read('/etc/passwd', userFileLimit)?.toString() ?? '', user) : undefined
  const authorized = home && root.read(join(home, '.ssh', 'authorized_keys'), 256 * 1024)?.toString('utf8')
  return {
    ...{ shell, held: known },
    ...(installed
      ? listening(pid, supervisor, [...(wish.ports ?? []), ...configured(root), 22])
      : ({ sshd: 'none' } as const)),
    ...(installed && { authorized: authorized ?? '' }),
  }
}

/** Its process's user, by number, as its runtime was told. */
function ownUser(bundle: string): string {
  try {
    // It stands at the start of a file that is large, and there is one for each container.
    const text = readRoots(join(bundle, 'config.json')).toString()
    const found =
      /^\{"ociVersion":"[^"]*","process":\{(?:"terminal":\w+,)?(?:"consoleSize":\{[^}]*\},)?"user":\{"uid":(\d+)/
    return found.exec(text)?.[1] ?? String(at(JSON.parse(text), 'process', 'user', 'uid') ?? 0)
  } catch {
    return '0'
  }
}

/** The variables of its process, as its runtime was told. */
function envOf(bundle: string): string[] {
  try {
    const env = at(JSON.parse(readRoots(join(bundle, 'config.json')).toString()), 'process', 'env')
    return Array.isArray(env) ? env.map(String) : []
  } catch {
    return []
  }
}

function configured(root: ContainerRoot): number[] {
  const text = root.read('/etc/ssh/sshd_config', 1024 * 1024)?.toString('latin1') ?? ''
  return [...text.matchAll(/^[ \t]*Port[ \t]+(\d{1,5})[ \t]*\r?$/gim)].map(([, port]) => Number(port))
}

function listening(pid: number, supervisor: number, ports: readonly number[]): Pick<Look, 'sshd' | 'port'> {
  // In the host's network, which is its supervisor's, the host's own sshd would be seen.
  const network = (one: number) => readlinkSync(`/proc/${one}/ns/net`)
  if (network(pid) === network(supervisor)) return { sshd: 'there' }
  const lines = ['net/tcp', 'net/tcp6'].flatMap((file) => (readProc(pid, file) ?? '').split('\n'))
  const open = lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    return state === '0A' ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : []
  })
  const port = ports.find((one) => open.includes(one))
  return port === undefined ? { sshd: 'silent' } : { sshd: 'listens', port }
}

/**
 * Through the engine: a question (HEAD) a path, which costs it next to nothing; reading a file costs forty times that,
 * so whose shell passwd names is not asked.
 */
export async function lookThroughEngine(engine: Engine, id: string, wish: Wish): Promise<Look> {
  try {
    const wanted = wish.shell?.startsWith('/') ? [wish.shell] : wish.shell ? [`/bin/${wish.shell}`] : []
    const [usualShell, sshd] = await Promise.all([
      firstThere(engine, id, [...wanted, ...usual, ...unusual]),
      firstThere(engine, id, sshds.slice(0, 1)),
    ])
    const shell = usualShell ?? (await firstThere(engine, id, inFolders(pathOf(await ownEnv(engine, id)))))
    return { shell: shell ?? '', sshd: sshd ? 'there' : 'none', held: false }
  } catch (error) {
    // Gone or stopped meanwhile, or an engine that cannot look: then that is what is known.
    if (statusOf(error) !== undefined) return { held: false }
    throw error
  }
}

async function ownEnv(engine: Engine, id: string): Promise<readonly string[]> {
  return (await inspectContainer(engine, id)).Config.Env ?? []
}

async function firstThere(engine: Engine, id: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const stat = await statPath(engine, id, path)
    if (stat && stat.kind !== 'folder') return path
  }
  return undefined
}
