import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { perl } from '../host/perl'
import { knownMachines, perlCalls } from '../host/perl-calls'
import sending from './send-file.pl'

/** A file on its way into a socket. */
export interface Sending {
  /** Settles when no more comes of it, for whatever reason: what is left begins at the file's position. */
  readonly ended: Promise<void>
  stop(): void
}

const script = `${perlCalls}${sending}`

/**
 * Has the kernel hand a file to a socket, page by page, from its position on. Node has no call for that: a perl does it,
 * and no byte is copied by either of us.
 * @returns undefined where that cannot be: the socket is not the kernel’s alone (TLS), the machine is unknown
 */
export function sendFile(file: number, to: Writable): Sending | undefined {
  const socket = descriptorOf(to)
  if (process.platform !== 'linux' || !knownMachines.includes(process.arch) || socket === undefined) return undefined
  const words = ['-e', script, process.arch, String(process.pid)]
  try {
    const child = spawn(perl, words, {
      cwd: '/',
      stdio: [file, 'ignore', 'ignore', socket],
      argv0: 'docker-bash',
      env: { LC_ALL: 'C' },
    })
    const ended = new Promise<void>((settle) => {
      child.once('error', () => settle())
      child.once('exit', () => settle())
    })
    return { ended, stop: () => void child.kill('SIGKILL') }
  } catch {
    // There is no room for another process: it is not needed.
    return undefined
  }
}

/** That of a plain socket. A stream is not to be given to a child as such: Node would read it no more. */
function descriptorOf(stream: Writable): number | undefined {
  if (!(stream instanceof Socket) || 'encrypted' in stream) return undefined
  const { fd } = (stream as unknown as { _handle?: { fd?: number } | null })._handle ?? {}
  return fd !== undefined && fd >= 0 ? fd : undefined
}
