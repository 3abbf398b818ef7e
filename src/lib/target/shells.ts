import type { Stats } from 'node:fs'
import { readSmallFile, statPath } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { ContainerRoot } from '../host/container-rootfs'
import { findLine, linesOf, userFileLimit } from '../host/users'
import { knownRuntime } from '../model'
import type { WithRuntime } from './runtime'

/** Shells that take `-l` and `-c`, the most comfortable first. */
const preferred = ['bash', 'zsh', 'ash', 'sh']
const known = new Set([
  ...preferred,
  'dash',
  'ksh',
  'ksh93',
  'mksh',
  'oksh',
  'loksh',
  'pdksh',
  'yash',
  'fish',
  'tcsh',
  'csh',
  'rbash',
])
/** Where shells usually are; the later ones only if the first hold none. */
const folders = [
  ['/bin'],
  ['/usr/bin', '/usr/local/bin', '/busybox', '/sbin', '/opt/bin', '/run/current-system/sw/bin'],
]

/** So many folders of a PATH are looked in, each of which may cost a request. */
const most = 16

/**
 * The login shells of a container, best first: the one that is preferred, the user's own from its passwd file if it is
 * there and is one (`nologin` is not), then bash, zsh, ash and sh wherever they usually are; only if none is there, in
 * the folders of the container's own PATH. Only looks at the files, from the host where the container is held by a known runtime there, or else through the engine; nothing is
 * run.
 * @param user as in `docker exec -u`; undefined for the container's own
 * @param shell preferred: a path, or a name in the usual folders
 */
export async function findShells(
  engine: Engine | undefined,
  target: WithRuntime,
  user: string | undefined,
  shell?: string,
): Promise<string[]> {
  const files = filesOf(engine, target)
  const there = (paths: readonly string[]) => existing(files, paths)
  const [passwd, usual] = await Promise.all([
    files.read('/etc/passwd', userFileLimit),
    there(preferred.map((name) => `/bin/${name}`)),
  ])
  const login = loginShell(passwd?.toString() ?? '', user || target.user || '0')
  const wanted = [...pathsOf(shell), login].filter((path) => path?.startsWith('/')) as string[]
  const chosen = await there(wanted.filter((path) => !usual.includes(path)))
  const first = wanted.filter((path) => usual.includes(path) || chosen.includes(path))
  const rest = usual.length > 0 ? usual : await there(inFolders(folders[1] ?? []))
  if (first.length > 0 || rest.length > 0) return [...new Set([...first, ...rest])]
  const named = shell === undefined || shell.includes('/') ? [] : [shell]
  return there(inFolders(pathOf(target.env), [...named, ...preferred]))
}

/**
 * The best of them alone, with no look at the others.
 * @param user empty: root
 * @param env the container's own variables, asked for only when no shell is where shells usually are
 */
export async function firstShell(
  files: Files,
  user: string,
  shell: string | undefined,
  env: () => readonly string[],
): Promise<string | undefined> {
  const passwd = await files.read('/etc/passwd', userFileLimit)
  const login = loginShell(passwd?.toString() ?? '', user || '0')
  const usual = folders.flatMap((some) => inFolders(some))
  for (const path of [...pathsOf(shell), ...(login ? [login] : []), ...usual]) {
    if (path.startsWith('/') && (await files.isProgram(path))) return path
  }
  for (const path of inFolders(pathOf(env()))) if (await files.isProgram(path)) return path
  return undefined
}

/** The folders of a container's own PATH, as far as they are absolute and not looked in anyway. */
export function pathOf(env: readonly string[]): string[] {
  const path = env.findLast((one) => one.startsWith('PATH='))?.slice('PATH='.length) ?? ''
  const usual = folders.flat()
  return [...new Set(path.split(':'))]
    .filter((folder) => folder.startsWith('/') && !usual.includes(folder))
    .slice(0, most)
}

function pathsOf(shell: string | undefined): string[] {
  if (shell === undefined) return []
  return shell.startsWith('/') ? [shell] : folders.flat().map((folder) => `${folder}/${shell}`)
}

export function inFolders(paths: readonly string[], names: readonly string[] = preferred): string[] {
  return names.flatMap((name) => paths.map((folder) => `${folder}/${name}`))
}

/** A container's files, as far as they are looked at. */
export interface Files {
  read(path: string, limit: number): Buffer | undefined | Promise<Buffer | undefined>
  isProgram(path: string): boolean | Promise<boolean>
}

function filesOf(engine: Engine | undefined, target: WithRuntime): Files {
  const { id, pid } = target
  // Only then is it certain that the PID, which an engine elsewhere could name as well, is this container's.
  if (knownRuntime(target)) return filesBelow(new ContainerRoot(pid))
  if (!engine) return { read: () => undefined, isProgram: () => false }
  return {
    read: (path, limit) => readSmallFile(engine, id, path, limit),
    isProgram: (path) => isProgram(engine, id, path),
  }
}

export function filesBelow(root: ContainerRoot): Files {
  return { read: (path, limit) => root.read(path, limit), isProgram: (path) => isExecutable(root.stat(path)) }
}

function isExecutable(stat: Stats | undefined): boolean {
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0
}

/** Those of the paths that are, or lead to, something to run; in their order. */
async function existing(files: Files, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => files.isProgram(path)))
  return paths.filter((_, index) => found[index])
}

async function isProgram(engine: Engine, container: string, path: string): Promise<boolean> {
  const stat = await statPath(engine, container, path)
  if (stat?.kind !== 'link') return stat?.kind === 'file' && stat.executable
  const end = stat.leadsTo ? await statPath(engine, container, stat.leadsTo) : undefined
  return end?.kind === 'file' && end.executable
}

/** The shell of a user's passwd line, by name or number; undefined if there is none or it is no shell. */
export function loginShell(passwd: string, user: string): string | undefined {
  const shell = passwdLine(passwd, user)?.[6]?.trim()
  return shell && known.has(shell.slice(shell.lastIndexOf('/') + 1)) ? shell : undefined
}

/** The home of a user's passwd line, by name or number. */
export function homeOf(passwd: string, user: string): string | undefined {
  return passwdLine(passwd, user)?.[5]
}

function passwdLine(passwd: string, user: string): string[] | undefined {
  return findLine(linesOf(passwd), user.split(':')[0] || '0')
}
