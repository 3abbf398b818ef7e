import { basename, join } from 'node:path'
import { linesIn, writeLines } from '../files/lines'
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
 * at its start: one that it reads at the first completion of docker-bash would come too late for ssh.
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
      const file = join(config, 'fish', 'conf.d', 'docker-bash.fish')
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

const hint = 'docker-bash completion bash (or zsh, fish) prints the script, to be put where you like'

const linesOf = (file: string) => linesIn(file, hint)
const write = (file: string, lines: readonly string[]) => writeLines(file, lines, hint)
