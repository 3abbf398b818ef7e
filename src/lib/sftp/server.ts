import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Duplex, Readable, Writable } from 'node:stream'
import { DockerBashError, Ended } from '../errors'
import { namelessProgram } from '../host/anonymous-file'
import { waysOutOfCgroups } from '../host/cgroup'
import { perl } from '../host/perl'
import { SftpClient } from './client'
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
  /** Where relative paths begin, if it is there; default /. */
  readonly folder?: string
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
    const joined = other?.door
    // A copy without a name: whoever inside could lay hands on what came in has nothing of the host's.
    const program = await namelessProgram(perl)
    try {
      const child = spawned(files, joined, program)
      const first = await firstLine(child, files?.name ?? 'this host')
      if (first.line !== 'ready') {
        child.kill()
        throw refusal(first.line, files?.name ?? 'this host')
      }
      return new FileServer(child)
    } finally {
      closeSync(program)
      // It is the child's now.
      joined?.destroy()
    }
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
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.stdin?.end()
    this.door?.destroy()
    await gone
  }
}

/** A server for a client of somebody else's: its streams, as they are. */
export interface RawServer {
  readonly input: Writable
  readonly output: Readable
  /** Settles when it has gone. */
  readonly ended: Promise<void>
}

/** @throws Ended when the container is not there any more */
export async function startRaw(files: FilesOf): Promise<RawServer> {
  const program = await namelessProgram(perl)
  try {
    const child = spawned(files, undefined, program)
    const ended = new Promise<void>((settle) => child.once('exit', () => settle()))
    const { line } = await firstLine(child, files.name)
    if (line !== 'ready') {
      child.kill()
      throw refusal(line, files.name)
    }
    return { input: child.stdin as Writable, output: child.stdout as Readable, ended }
  } finally {
    closeSync(program)
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
        files.folder ?? '',
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
function maskOf(capabilities: readonly number[]): string {
  return capabilities.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n).toString(16)
}

async function firstLine(child: ChildProcess, name: string): Promise<{ line: string }> {
  const failed = (cause?: Error) =>
    new DockerBashError(`the files of ${name} cannot be reached`, { hint: 'docker-bash doctor', cause })
  return new Promise((settle, reject) => {
    const out = child.stdout as Readable
    let said = Buffer.alloc(0)
    const hear = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk])
      const end = said.indexOf('\n')
      if (end < 0) return
      out.off('data', hear)
      out.pause()
      settle({ line: said.toString('latin1', 0, end) })
    }
    out.on('data', hear)
    child.stdin?.on('error', () => undefined)
    child.once('error', (cause) => reject(failed(cause)))
    child.once('exit', () => reject(failed()))
  })
}

function refusal(line: string, name: string): Error {
  const [, what = 'it', number = '0'] = line.split(' ')
  if (what === 'gone') return new Ended(name)
  return new DockerBashError(`the files of ${name} cannot be entered (${what}, error ${number})`, {
    hint: 'docker-bash doctor',
  })
}
