import { chmodSync, chownSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { readBounded, whyUnread } from '../files/bounded'
import { requireTrust } from '../files/trusted'
import { quote } from '../text/quote'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** One line of a shell's own start-up file that reads our script, and can be found again by its end. */
export interface Setup {
  readonly shell: Shell
  readonly file: string
  /** Its bytes, a character each. */
  readonly line: string
}

const mark = '# docker-bash completion'

/** The user's shell, if it is one that we complete for. */
export function shellOf(env: NodeJS.ProcessEnv): Shell | undefined {
  return shells.find((shell) => shell === basename(env.SHELL ?? ''))
}

/**
 * Where a shell reads a line for good, and which: `.bashrc`, `.zshrc`, and for fish a file of its own, which it reads
 * at the first completion.
 * @param script the completion's path; the line does nothing once that is gone
 */
export function setupOf(shell: Shell, script: string, env: NodeJS.ProcessEnv, home: string): Setup {
  const path = Buffer.from(quote(script)).toString('latin1')
  switch (shell) {
    case 'bash':
      return { shell, file: join(home, '.bashrc'), line: `[ ! -r ${path} ] || . ${path} ${mark}` }
    case 'zsh':
      return { shell, file: join(env.ZDOTDIR || home, '.zshrc'), line: `[ ! -r ${path} ] || . ${path} ${mark}` }
    case 'fish': {
      // Not ours but fish's folder, by its rule.
      const config = env.XDG_CONFIG_HOME || join(home, '.config')
      const file = join(config, 'fish', 'completions', 'docker-bash.fish')
      return { shell, file, line: `test ! -r ${path}; or source ${path} ${mark}` }
    }
  }
}

export function isSetUp({ file, line }: Setup): boolean {
  return linesOf(file).includes(line)
}

/** @returns whether the file had to be changed: a line of another version's goes, ours is the last */
export function setUp(setup: Setup): boolean {
  if (isSetUp(setup)) return false
  write(setup.file, [...linesOf(setup.file).filter((line) => !isOurs(line)), setup.line])
  return true
}

/** @returns whether there was anything of ours; a file that held nothing else goes */
export function takeBack({ file }: Pick<Setup, 'file'>): boolean {
  const lines = linesOf(file)
  const others = lines.filter((line) => !isOurs(line))
  if (others.length === lines.length) return false
  write(file, others)
  return true
}

function isOurs(line: string): boolean {
  return line.endsWith(` ${mark}`)
}

/** Byte for byte: nobody's start-up file has to be UTF-8. */
function linesOf(file: string): string[] {
  try {
    const text = readBounded(file, { most: 16 * 1024 * 1024 }).toString('latin1')
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return []
    throw unusable(file, cause)
  }
}

/** In one step, with the mode and owner it had; a link stays one. Root changes nothing in another user's home. */
function write(path: string, lines: readonly string[]): void {
  const elsewhere = 'HOME'
  requireTrust(dirname(path), elsewhere)
  try {
    mkdirSync(dirname(path), { recursive: true })
    const there = statSync(path, { throwIfNoEntry: false })
    const file = there ? realpathSync(path) : path
    requireTrust(dirname(file), elsewhere)
    if (lines.length === 0) {
      rmSync(file)
      return
    }
    const partial = `${file}.${process.pid}.tmp`
    writeFileSync(partial, Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { flag: 'wx' })
    chmodSync(partial, there ? there.mode & 0o7777 : 0o644)
    if (there) chownSync(partial, there.uid, there.gid)
    renameSync(partial, file)
  } catch (cause) {
    throw cause instanceof DockerBashError ? cause : unusable(path, cause)
  }
}

function unusable(file: string, cause: unknown): DockerBashError {
  return new DockerBashError(`cannot use ${file}: ${whyUnread(cause)}`, {
    hint: 'docker-bash completion bash (or zsh, fish) prints the script, to be put where you like',
    cause,
  })
}
