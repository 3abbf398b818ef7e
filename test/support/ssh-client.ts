/** OpenSSH's own clients, set up by `docker-bash ssh-config install`. */
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { quoteAll } from '../../src/lib/text/quote'
import { type Result, type RunOptions, run, shell } from './cli'
import { scratch } from './engine'

export interface SshClient {
  readonly home: string
  /** The file that `ssh -F` takes. */
  readonly config: string
  /** What is to be in the environment of whoever runs it. */
  readonly env: Record<string, string>
  /** `ssh NAME.docker WORDS…`, to its end. */
  ssh(
    container: string,
    words: readonly string[],
    options?: RunOptions & { flags?: readonly string[] },
  ): Promise<Result>
  /** A command line in which `$cfg` is that file. */
  line(text: string, options?: RunOptions): Promise<Result>
}

export async function sshClient(): Promise<SshClient> {
  ensurePackages({ ssh: 'openssh-client' })
  const home = scratch('ssh-home')
  const config = join(home, '.ssh', 'config')
  const env = { HOME: home, cfg: config }
  const made = await run(['ssh-config', 'install', '--yes'], { env })
  if (made.code !== 0) throw new Error(made.stderr)
  const line: SshClient['line'] = (text, options = {}) => shell(text, { ...options, env: { ...env, ...options.env } })
  return {
    ...{ home, config, env, line },
    ssh: (container, words, { flags = [], ...options } = {}) =>
      line(quoteAll(['exec', 'ssh', '-F', config, ...flags, `${container}.docker`, ...words]), options),
  }
}
