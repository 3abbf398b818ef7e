/** One user's docker-bash: a home that stays from one command to the next. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Result, type Running, type RunOptions, run, start } from './cli'
import { scratch } from './engine'

export interface Keyring {
  readonly home: string
  readonly data: string
  run(args: readonly string[], options?: RunOptions): Promise<Result>
  start(args: readonly string[], options?: RunOptions): Running
  /** A private key of theirs, by name. */
  key(name: string): string
  keys(): string[]
}

export function keyring(): Keyring {
  const home = scratch('user')
  const data = join(home, 'data', 'docker-bash')
  const env = { XDG_DATA_HOME: join(home, 'data') }
  const having = (options: RunOptions = {}) => ({ timeoutMs: 60_000, ...options, env: { ...env, ...options.env } })
  return {
    home,
    data,
    run: (args, options) => run(args, having(options)),
    start: (args, options) => start(args, having(options)),
    key: (name) => readFileSync(join(data, 'keys', name), 'utf8'),
    keys: () => readdirSync(join(data, 'keys')).filter((name) => !name.endsWith('.pub')),
  }
}

/** The permission bits of a file. */
export const modeOf = (path: string) => statSync(path).mode & 0o777

/** Words of a private key that must be found nowhere else: any line of its body. */
export function secretsOf(key: string): string[] {
  return key
    .split('\n')
    .filter((line) => line.length > 30 && !line.startsWith('-----') && !line.startsWith('b3BlbnNzaC1rZXktdjE'))
}
