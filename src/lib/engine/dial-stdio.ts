import { Duplex } from 'node:stream'
import { type DockerBashError, OfEngine } from '../errors'
import type { SshEndpoint } from './endpoint'
import type { Connection } from './wire'

/** A host that does not answer any more is given up after 45 s, whoever is still there to notice. */
const patience = ['ServerAliveInterval=15', 'ServerAliveCountMax=3']
const hurry = ['BatchMode=yes', 'ConnectTimeout=5']

/**
 * A connection to an engine behind ssh, as Docker's own client makes it: a child `ssh … docker system dial-stdio`,
 * whose stdin and stdout are the engine's socket. Host keys, agents, jump hosts and the user's ssh_config are OpenSSH's
 * business, and so is its word on what went wrong.
 * @param connectSeconds how long ssh may take to connect
 */
export function dial(endpoint: SshEndpoint, connectSeconds = 30): Connection {
  const docker = endpoint.socket ? ['docker', '--host', `unix://${endpoint.socket}`] : ['docker']
  // No terminal, and no question while a request waits: a password prompt would fight with the session for it.
  // Of an option given twice ssh takes the first.
  const options = [...(endpoint.tentative ? hurry : []), `ConnectTimeout=${connectSeconds}`, ...patience]
  const words = [...options.flatMap((option) => ['-o', option]), '-T', ...endpoint.sshArgs, ...docker]
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn('ssh', [...words, 'system', 'dial-stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group: a ctrl-c at our terminal is for the command inside, not for the way there.
    detached: true,
  })
  const { stdin, stdout, stderr } = child
  const connection = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void (stdin.write(chunk) ? done() : stdin.once('drain', done)),
    final: (done) => void stdin.end(done),
    destroy: (error, done) => {
      // What was written last may still be on its way: at the end of its input it leaves by itself. But one that still
      // looks for its host would not.
      stdin.end()
      if (!isThere) child.kill()
      stdout.destroy()
      done(error)
    },
  })
  // A broken pipe says less than what ssh prints and ends with, which follows.
  stdin.on('error', () => undefined)
  stdout.on('data', (chunk: Buffer) => connection.push(chunk) || stdout.pause())
  let isThere = false
  stdout.once('data', () => {
    isThere = true
  })
  let said = ''
  stderr.on('data', (chunk: Buffer) => {
    if (said.length < 4096) said += chunk
  })
  const fail = (why: string, cause?: unknown) => connection.destroy(unreachableBySsh(endpoint, why, cause))
  child.once('error', (error) => fail('there is no ssh client here', error))
  child.once('close', (code) => {
    if (code === 0) connection.push(null)
    else fail(said.trim().split('\n').at(-1) || `ssh ended with ${code}`)
  })
  // What http.Agent asks of a socket and a Duplex does not have. An idle connection must not keep us alive.
  const holders = [child, stdin, stdout, stderr] as unknown as { ref(): void; unref(): void }[]
  return Object.assign(connection, {
    setKeepAlive: () => connection,
    setNoDelay: () => connection,
    setTimeout: () => connection,
    ref: () => holders.forEach((held) => void held.ref()),
    unref: () => holders.forEach((held) => void held.unref()),
  })
}

function unreachableBySsh(endpoint: SshEndpoint, why: string, cause: unknown): DockerBashError {
  return new OfEngine(`no engine at ${endpoint.host}: ${why}`, {
    hint: `try it by hand: ssh ${endpoint.sshArgs.join(' ')} docker version`,
    cause,
  })
}
