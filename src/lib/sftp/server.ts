import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Duplex, Readable, Writable } from 'node:stream'
import { DockerBashError, Ended } from '../errors'
import { namelessProgram } from '../host/anonymous-file'
import { waysOutOfCgroups } from '../host/cgroup'
import { perl } from '../host/perl'
import { SftpClient } from './client'
import { firstLine } from './first-line'
import { serverScript } from './server-script'

/** Whose files: a process in their mount namespace, and who is to read and write them. */
export interface FilesOf {
  readonly name: string
  readonly pid: number
  /** Clock ticks since boot. */
  readonly start: number
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** That root keeps, by the kernel's numbers. */
  readonly capabilities: readonly number[]
  /** Where relative paths begin, and `~`; default, and where that cannot be entered: the root. */
  readonly home?: string
}

/** What root needs for files of others: CHOWN, DAC_OVERRIDE, FOWNER, FSETID. */
export const forFiles: readonly number[] = [0, 1, 3, 4]
/** For devices and for files' own capabilities: MKNOD, SETFCAP. */
export const forAllFiles: readonly number[] = [...forFiles, 27, 31]

/**
 * A server of files: a program of the host's beside us, that for a container's files has entered its user and mount
 * namespaces by descriptor. It ends with us, and takes what it has begun with it.
 */
export class FileServer {
  readonly client: SftpClient
  /** Joins it to another one, for `give` and `take`. */
  readonly door: Duplex
  readonly #child: ChildProcess

  /**
   * @param files undefined for ours
   * @throws Ended when the container is not there any more
   */
  static async start(files: FilesOf | undefined, other?: FileServer): Promise<FileServer> {
    return new FileServer(await started(files, other?.door))
  }

  private constructor(child: ChildProcess) {
    this.#child = child
    const streams = child.stdio as unknown as Duplex[]
    this.door = streams[3] as Duplex
    this.door?.on('error', () => undefined)
    this.client = new SftpClient(child.stdout as Readable, child.stdin as Writable)
  }

  /** Settles when it has gone, with whatever was begun and has no name yet. */
  async close(): Promise<void> {
    await closed(this.#child)
  }
}

/** A server of files without a client of ours: what speaks SFTP to it comes by an SSH channel. */
export interface SftpStreams {
  /** What the client sends. */
  readonly input: Writable
  /** What it is answered. */
  readonly output: Readable
  /** Settles when the server has gone, whatever ended it. */
  readonly ended: Promise<void>
  /** The same as the client's end: what was begun goes. */
  close(): Promise<void>
}

/**
 * @param files undefined for ours
 * @throws Ended when the container is not there any more
 */
export async function sftpStreams(files: FilesOf | undefined): Promise<SftpStreams> {
  const child = await started(files, undefined)
  const door = child.stdio[3] as unknown as Duplex
  door.on('error', () => undefined).destroy()
  return {
    input: child.stdin as Writable,
    output: child.stdout as Readable,
    ended: new Promise((settle) => child.once('exit', () => settle())),
    close: () => closed(child),
  }
}

async function closed(child: ChildProcess): Promise<void> {
  const { exitCode, signalCode } = child
  if (exitCode !== null || signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  ;(child.stdio[3] as unknown as Duplex | null)?.destroy()
  await gone
}

async function started(files: FilesOf | undefined, joined: Duplex | undefined): Promise<ChildProcess> {
  // A copy without a name: whoever inside could lay hands on what came in has nothing of the host's.
  const program = await namelessProgram(perl)
  try {
    const child = spawned(files, joined, program)
    const line = await saidFirst(child, files?.name ?? 'this host')
    if (line !== 'ready') {
      child.kill()
      throw refusal(line, files?.name ?? 'this host')
    }
    return child
  } finally {
    closeSync(program)
    // It is the child's now.
    joined?.destroy()
  }
}

function spawned(files: FilesOf | undefined, joined: Duplex | undefined, program: number): ChildProcess {
  const meant = files
    ? [
        files.pid,
        files.start,
        files.uid,
        files.gid,
        files.groups.join(','),
        maskOf(files.capabilities),
        files.home ?? '',
      ]
    : ['', '', '', '', '', '', '']
  return spawn('/proc/self/fd/4', ['-e', serverScript, process.arch, ...meant.map(String), ...waysOutOfCgroups()], {
    argv0: 'docker-bash',
    ...(files && { cwd: '/' }),
    stdio: ['pipe', 'pipe', 'ignore', joined ?? 'pipe', program],
    detached: true,
    env: { LC_ALL: 'C' },
  })
}

/** Hexadecimal. */
export function maskOf(capabilities: readonly number[]): string {
  return capabilities.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n).toString(16)
}

async function saidFirst(child: ChildProcess, name: string): Promise<string> {
  const failed = (cause?: Error) =>
    new DockerBashError(`the files of ${name} cannot be reached`, { hint: 'docker-bash doctor', cause })
  child.stdin?.on('error', () => undefined)
  const broken = new Promise<never>((_, reject) => child.once('error', (cause) => reject(failed(cause))))
  const line = await Promise.race([firstLine(child.stdout as Readable), broken])
  if (line === undefined) throw failed()
  return line
}

function refusal(line: string, name: string): Error {
  const [, what = 'it', number = '0'] = line.split(' ')
  if (what === 'gone') return new Ended(name)
  return new DockerBashError(`the files of ${name} cannot be entered (${what}, error ${number})`, {
    hint: 'docker-bash doctor',
  })
}
