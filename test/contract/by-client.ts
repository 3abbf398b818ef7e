import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quote } from '../../src/lib/text/quote'
import { root } from '../support/engine'
import { sshClient } from '../support/ssh-client'
import type { Way } from './way'

/**
 * OpenSSH's ssh, by `docker-bash proxy`, which goes on by this transport.
 * @returns what a way by it has beside its image
 */
export function byClient(transport: 'runc' | 'exec' | 'debug'): Omit<Way, 'image'> {
  return { via: 'client', program: () => program(transport), exceptions }
}

async function program(transport: string): Promise<string> {
  const { home, config } = await sshClient()
  const path = join(home, `by-${transport}`)
  const env = `HOME=${quote(home)} DOCKER_BASH_VIA=${transport} ssh_config=${quote(config)}`
  writeFileSync(path, `#!/bin/sh\nexport ${env}\nexec ${quote(join(root, 'test/fixtures/by-ssh.bash'))} "$@"\n`)
  chmodSync(path, 0o755)
  return path
}

const noFlag = 'ssh has no such flag'
const keeps = 'ssh keeps the signals that it gets, and ends'
const itself = 'it is ssh that writes, and not docker-bash'

/** The lines of the contract that are not ssh's, or are the shell's that it has the container run. */
const exceptions: NonNullable<Way['exceptions']> = {
  'are 127 for a program that is not there, with a message and a hint': {
    because: 'the shell inside says so',
    failure: /docker-bash: there is no nosuch-program/,
  },
  'are 126 for what cannot be run': { because: 'the shell inside says so', failure: /Permission denied/ },
  "are 125 for a folder or user that is not there, and docker-bash's own": {
    because: noFlag,
    failure: /ssh has no -w/,
  },
  'the environment is the container’s own and what was asked for, nothing else': {
    because: noFlag,
    failure: /asked=yes/,
  },
  '-u, -w and --env-file do what they do in docker exec': { because: noFlag, failure: /1234/ },
  '-c runs a script with its parameters': { because: noFlag, failure: /125/ },
  'our stdout and stderr stay as they were for everybody who shares them, to the end': {
    because: itself,
    failure: /false/,
  },
  'output that cannot be written is an error that says so': { because: itself, failure: /125/ },
  ...Object.fromEntries(
    ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'].map((name) => [
      `${name} reaches the command, which may handle it`,
      { because: keeps, failure: /"code": 7/ },
    ]),
  ),
  'a signal reaches the whole process group, and its default ends the command with 128 + n': {
    because: keeps,
    failure: /Expected: 1\d\d/,
  },
}
