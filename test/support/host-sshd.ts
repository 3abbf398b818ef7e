/** Debian's own sshd on this host, one process for a connection, at a port and by files of the test's own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { ensurePackages } from '../../scripts/packages.mjs'

export interface HostSshd {
  readonly port: number
  /** What it said of the connections so far, at its first level of details. */
  said(): string
  close(): void
}

/** It is given each connection’s socket, so that it sees the client's address. @param host its own key @param keys the file of those who may come in */
export async function hostSshd(host: string, keys: string): Promise<HostSshd> {
  ensurePackages({ sshd: 'openssh-server' })
  // It separates its privileges there, and ends where that is missing.
  mkdirSync('/run/sshd', { recursive: true })
  const config = `${keys}.sshd`
  const lines = [
    ...[`HostKey ${host}`, `AuthorizedKeysFile ${keys}`, 'AuthenticationMethods publickey'],
    ...['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PermitUserRC no', 'PrintMotd no', 'LogLevel DEBUG1'],
    ...['PidFile none', 'Subsystem sftp internal-sftp', ''],
  ]
  writeFileSync(config, lines.join('\n'))
  let said = ''
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn('/usr/sbin/sshd', ['-i', '-e', '-f', config], { stdio: [socket, socket, 'pipe'] })
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    // It is the child's now.
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, said: () => said, close: () => void server.close() }
}
