import { nameOf } from '../../text/env-entries'

/** What stands at a path inside; links are followed. */
export interface Looked {
  readonly kind: 'file' | 'folder' | 'other'
  /** By anybody. */
  readonly executable: boolean
  /** The first bytes of a regular file: `headSize` of them, or all. */
  readonly head: Buffer
}

/** A container's files, as far as the kernel looks at them to run one. */
export interface ProgramFiles {
  look(path: string): Looked | undefined | Promise<Looked | undefined>
  /** What the kernel there runs besides, in numbers of ELF's `e_machine`; absent: it is not known. */
  readonly machines?: readonly number[]
  /** It was taught to run other formats (binfmt_misc). */
  readonly taught?: boolean
}

/** In bytes. The kernel takes 256 for `#!`; a program's header and its loader's name are in the first page. */
export const headSize = 4096

/**
 * Why the kernel does not run a file that is there and may be run, as execve(2) has it: an interpreter that is not there
 * is ENOENT, one that may not be run EACCES, a chain of more than five ELOOP, all else ENOEXEC.
 */
export type Obstacle =
  | { readonly why: 'gone' | 'closed'; readonly interpreter: string }
  | { readonly why: 'loop' | 'empty' | 'script' | 'broken' | 'machine' | 'data' }

/**
 * What keeps the kernel from running a command.
 * @param env the command's, for its PATH
 * @returns undefined when nothing does that can be seen; so, too, when there is no such program
 */
export async function obstacleOf(
  files: ProgramFiles,
  program: string,
  env: readonly string[],
  cwd: string,
): Promise<Obstacle | undefined> {
  for (const path of placesOf(program, env, cwd)) {
    const looked = await files.look(path)
    if (looked?.kind === 'file' && looked.executable) return behind(files, looked, cwd, 0)
  }
  return undefined
}

function placesOf(program: string, env: readonly string[], cwd: string): string[] {
  if (program === '') return []
  if (program.includes('/')) return [within(cwd, program)]
  // Without a PATH, no name is looked for.
  const path = env.find((entry) => nameOf(entry) === 'PATH')?.slice('PATH='.length)
  return (path?.split(':') ?? []).map((folder) => within(cwd, `${folder || '.'}/${program}`))
}

const within = (cwd: string, path: string) => (path.startsWith('/') ? path : `${cwd}/${path}`)

async function behind(
  files: ProgramFiles,
  { head }: Looked,
  cwd: string,
  depth: number,
): Promise<Obstacle | undefined> {
  if (head.length === 0) return { why: 'empty' }
  const by =
    head.toString('latin1', 0, 2) === '#!' ? named(head) : head.toString('latin1', 1, 4) === 'ELF' && elf(files, head)
  if (by === false) return unknown(files, head)
  if (by === undefined || typeof by !== 'string') return by
  const interpreter = await files.look(within(cwd, by))
  if (!interpreter) return { why: 'gone', interpreter: by }
  if (interpreter.kind !== 'file' || !interpreter.executable) return { why: 'closed', interpreter: by }
  // A loader takes no loader.
  if (head[0] !== 0x23) return undefined
  return depth < 5 ? behind(files, interpreter, cwd, depth + 1) : { why: 'loop' }
}

/** The interpreter of a script. */
function named(head: Buffer): string | Obstacle {
  const line = head.toString('utf8', 2, 256).split('\n')[0] ?? ''
  const [name = ''] = line.replace(/^[ \t]+/, '').split(/[ \t\0]/)
  return name === '' ? { why: 'script' } : name
}

function unknown({ taught }: ProgramFiles, head: Buffer): Obstacle | undefined {
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b)
  if (isText) return { why: 'script' }
  return taught ? undefined : { why: 'data' }
}

/** The loader of a program, by ELF's header and table of segments; undefined when it needs none or that is not seen. */
function elf({ machines, taught }: ProgramFiles, head: Buffer): string | Obstacle | undefined {
  const [, , , , size = 0, order] = head
  const is64 = size === 2
  if ((!is64 && size !== 1) || head.length < (is64 ? 64 : 52)) return { why: 'broken' }
  const isLittle = order === 1
  const short = (at: number) => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at))
  const long = (at: number) => (isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at))
  if (machines && !machines.includes(short(18))) return taught ? undefined : { why: 'machine' }
  // Offsets and sizes here are of the file's first bytes: the low half of a 64-bit number is all that is looked at.
  const low = (at: number) => long(at + (is64 && !isLittle ? 4 : 0))
  const [offset, entry, count] = is64 ? [low(32), short(54), short(56)] : [low(28), short(42), short(44)]
  const isProgram = short(16) === 2 || short(16) === 3
  if (!isProgram || entry !== (is64 ? 56 : 32) || count === 0) return { why: 'broken' }
  for (let at = offset; at < offset + count * entry; at += entry) {
    if (at + entry > head.length) return head.length < headSize ? { why: 'broken' } : undefined
    if (long(at) !== 3) continue
    const [from, length] = is64 ? [low(at + 8), low(at + 32)] : [low(at + 4), low(at + 16)]
    return from + length > head.length ? undefined : head.toString('utf8', from, from + length - 1)
  }
  return undefined
}
