import { readFileSync } from 'node:fs'
import { type CommandShape, cut } from '../../lib/argv'

/** What Docker's client calls us by, as its plugin. */
const name = 'bash'

/** Docker's own flags, which stand before the plugin's name. @see docker/cli cli/flags/options.go */
const dockerShape: CommandShape = {
  takesWords: false,
  targetFlags: [],
  flags: [
    { name: 'config', value: true },
    { name: 'context', char: 'c', value: true },
    { name: 'debug', char: 'D', value: false },
    { name: 'host', char: 'H', value: true },
    { name: 'log-level', char: 'l', value: true },
    { name: 'tls', value: false },
    { name: 'tlscacert', value: true },
    { name: 'tlscert', value: true },
    { name: 'tlskey', value: true },
    { name: 'tlsverify', value: false },
  ],
}

/** Docker's client says so to its plugins alone; `docker-bash bash` is a container of that name. */
export function isPlugin(env: NodeJS.ProcessEnv): boolean {
  return env.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND !== undefined
}

/**
 * `docker --context prod bash web ls` runs us with `--context prod bash web ls`: what stands before the plugin's name
 * is put into `env`, by the variables that mean the same, and what stands behind it is ours.
 * @returns our own words; all of them, when Docker's client is further up and did not run us itself
 */
export function wordsFromDocker(argv: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  // What we start is not a plugin of Docker's.
  delete env.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND
  const { flags, rest, asked } = cut(argv, dockerShape)
  if (asked) return [asked]
  const isHelp = rest[0] === 'help' && rest[1] === name
  if (!isHelp && rest[0] !== name) return argv
  apply(flags, env)
  return isHelp ? [...rest.slice(2), '--help'] : rest.slice(1)
}

/**
 * `docker --context prod bash w⇥` asks us with `__complete bash w`: Docker's client keeps its own flags to itself, and
 * they are read from its own command line.
 */
export function completedWords(words: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  if (words[0] !== name) return words
  const client = parentWords().filter((word) => !/^__complete(NoDesc)?$/.test(word))
  const { flags, rest } = cut(client, dockerShape)
  if (rest[0] === name) apply(flags, env)
  return words.slice(1)
}

/** The arguments of the process that started us; none where no /proc tells. */
function parentWords(): string[] {
  try {
    return readFileSync(`/proc/${process.ppid}/cmdline`, 'utf8').split('\0').slice(1, -1)
  } catch {
    return []
  }
}

/** A flag's effect on us, as the variables that Docker's client knows, or ours where it knows none. */
function apply(flags: readonly string[], env: NodeJS.ProcessEnv): void {
  for (const flag of flags) {
    const equals = flag.indexOf('=')
    const value = equals < 0 ? 'true' : flag.slice(equals + 1)
    const isOn = !/^(false|f|0)$/i.test(value)
    switch (equals < 0 ? flag : flag.slice(0, equals)) {
      case '--config':
        env.DOCKER_CONFIG = value
        break
      case '--context':
        // A flag comes before either variable, and of those DOCKER_HOST comes first.
        delete env.DOCKER_HOST
        env.DOCKER_CONTEXT = value
        break
      case '--host':
        env.DOCKER_HOST = value
        break
      case '--debug':
        if (isOn) env.DEBUG = '1'
        break
      case '--tls':
        if (isOn) env.DOCKER_TLS = '1'
        break
      case '--tlsverify':
        if (isOn) env.DOCKER_TLS_VERIFY = '1'
        else delete env.DOCKER_TLS_VERIFY
        break
      case '--tlscacert':
        env.DOCKER_BASH_TLSCACERT = value
        break
      case '--tlscert':
        env.DOCKER_BASH_TLSCERT = value
        break
      case '--tlskey':
        env.DOCKER_BASH_TLSKEY = value
        break
    }
  }
}
