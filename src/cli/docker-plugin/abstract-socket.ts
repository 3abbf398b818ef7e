import { spawn } from 'node:child_process'
import { perl } from '../../lib/host/perl'
import script from './abstract-socket.pl'

/**
 * Waits for the end of a connection to an abstract socket, by perl: Node 20 cannot name one. It ends with the client
 * whose socket that is. Without a perl nothing is told.
 */
export function watchByPerl(name: string, closed: () => void): void {
  // A process group of its own: ctrl-c at our terminal is not for it.
  const child = spawn(perl, ['-e', script, name], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.once('exit', (code) => code === 0 && closed())
  child.unref()
}
