import { spawn } from 'node:child_process'
import { Agent } from 'node:http'
import { Duplex } from 'node:stream'
import { DockerBashError } from '../errors'
import type { SshEndpoint } from './endpoint'

/**
 * Connections to an engine behind ssh, as Docker's own client makes them: each is a child
 * `ssh … docker system dial-stdio`, whose stdin and stdout are the engine's socket. Host keys, agents, jump hosts and
 * the user's ssh_config are OpenSSH's business, and so is its word on what went wrong.
 */
export class DialStdioAgent extends Agent {
  readonly #endpoint: SshEndpoint

  constructor(endpoint: SshEndpoint) {
    super({ keepAlive: true })
    this.#endpoint = endpoint
  }

  override createConnection(): Duplex {
    return dial(this.#endpoint)
  }
}

/** A host that does not answer any more is given up after 45 s, whoever is still there to notice. */
const patience = ['ConnectTimeout=30', 'ServerAliveInterval=15', 'ServerAliveCountMax=3'].flatMap((o) => ['-o', o])

function dial(endpoint: SshEndpoint): Duplex {
  const docker = endpoint.socket ? ['docker', '--host', `unix://${endpoint.socket}`] : ['docker']
  // No terminal, and no question while a request waits: a password prompt would fight with the session for it.
  const child = spawn('ssh', [...patience, '-T', ...endpoint.sshArgs, ...docker, 'system', 'dial-stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: a ctrl-c at our terminal is for the command inside, not for the way there.
    detached: true,
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 4096) said += chunk
  })
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin })
  const fail = (why: string, cause?: unknown) =>
    duplex.destroy(
      new DockerBashError(`no engine at ${endpoint.host}: ${why}`, {
        hint: `try it by hand: ssh ${endpoint.sshArgs.join(' ')} docker version`,
        cause,
      }),
    )
  child.once('error', (error) => fail('there is no ssh client here', error))
  child.once('close', (code) => {
    if (code !== 0 && !duplex.destroyed) fail(said.trim().split('\n').at(-1) ?? `ssh ended with ${code}`)
  })
  // Not killed: what was written last may still be on its way. At the end of its input it leaves by itself.
  duplex.once('close', () => child.stdin.end())
  // What http.Agent asks of a socket and a Duplex does not have. An idle connection must not keep us alive.
  const holders = [child, child.stdin, child.stdout, child.stderr] as unknown as { ref(): void; unref(): void }[]
  return Object.assign(duplex, {
    setKeepAlive: () => duplex,
    setNoDelay: () => duplex,
    setTimeout: () => duplex,
    ref: () => holders.forEach((held) => void held.ref()),
    unref: () => holders.forEach((held) => void held.unref()),
  })
}
