import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { Server, Socket } from 'node:net'
import { DockerBashError, Ended } from '../errors'
import { namelessProgram } from '../host/anonymous-file'
import { waysOutOfCgroups } from '../host/cgroup'
import { perl } from '../host/perl'
import { addressWords, type InternetAddress, type SocketAddress } from './addresses'
import { makerScript } from './maker-script'
import { systemError } from './system-error'

/** The process whose namespaces are meant. */
export interface Held {
  readonly name: string
  readonly pid: number
  /** Clock ticks since boot. */
  readonly start: number
}

/** A user and its groups, by numbers. */
export interface Owner {
  readonly uid: number
  readonly gid: number
  readonly groups?: readonly number[]
}

const root: Owner = { uid: 0, gid: 0 }

type Verb = 'connect' | 'listen' | 'folder' | 'drop' | 'send' | 'receive'

interface Asked {
  given(handle: unknown): void
  refused(errno: number): void
}

interface Word {
  readonly ready?: boolean
  readonly over?: boolean
  readonly failed?: string
  readonly number?: number
  readonly errno?: number
  /** There is nothing to be given. */
  readonly done?: boolean
}

/** Opens sockets inside a container, for root on its host. Their bytes are ours alone. */
export class SocketMaker {
  /** Settles when the container has ended, or nobody makes sockets any more. */
  readonly over: Promise<void>
  readonly #child: ChildProcess
  readonly #files: boolean
  readonly #asked = new Map<number, Asked>()
  #count = 0

  /**
   * @param files paths of its files are meant, too
   * @param owner as whom Unix sockets are made and connected, by the container's numbers
   * @throws Ended when the container is not there any more
   */
  static async start(held: Held, files: boolean, owner: Owner = root): Promise<SocketMaker> {
    // A copy without a name: whoever inside could lay hands on what came in has nothing of the host's.
    const program = await namelessProgram(perl)
    try {
      const maker = new SocketMaker(held, files, owner, program)
      await maker.#ready(held)
      return maker
    } finally {
      closeSync(program)
    }
  }

  private constructor(held: Held, files: boolean, owner: Owner, program: number) {
    this.#files = files
    const groups = [...new Set([owner.gid, ...(owner.groups ?? [])])].join(',')
    const meant = [held.pid, held.start, files ? 1 : '', owner.uid, owner.gid, groups].map(String)
    const words = ['-e', makerScript, process.arch, ...meant, ...waysOutOfCgroups()]
    this.#child = spawn('/proc/self/fd/4', words, {
      argv0: 'docker-bash',
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', program],
      detached: true,
      env: { LC_ALL: 'C' },
    })
    this.over = new Promise((settle) => {
      this.#child.once('exit', () => settle())
      this.#child.on('message', (word: Word) => word.over && settle())
    })
    void this.over.then(() => this.#refuseAll())
    this.#child.on('message', (word: Word, handle: unknown) => this.#hear(word, handle))
  }

  /** @throws a system error, such as ECONNREFUSED */
  async connect(to: SocketAddress): Promise<Socket> {
    const handle = await this.#ask('connect', to)
    return new Socket({ handle, allowHalfOpen: true } as object)
  }

  /** @throws a system error, such as EADDRINUSE */
  async listen(at: SocketAddress): Promise<Server> {
    const handle = await this.#ask('listen', at)
    const server = new Server({ allowHalfOpen: true, pauseOnConnect: true })
    await new Promise<void>((listening) => server.listen(handle as object, listening))
    return server
  }

  /** Makes a folder for its owner alone; it goes with the maker, if it is empty. @throws a system error, such as EEXIST */
  async folder(path: Buffer): Promise<void> {
    await this.#ask('folder', { family: 'unix', path })
  }

  /** Takes away what was made at a path, a listener's file or a folder, if it is still the same. */
  async drop(path: Buffer): Promise<void> {
    await this.#ask('drop', { family: 'unix', path })
  }

  /** A UDP socket to send from, of the family of where it sends to. @throws a system error */
  sender(to: InternetAddress): Promise<DatagramSocket> {
    return this.#datagrams('send', to)
  }

  /** A UDP socket that receives at an address. @throws a system error, such as EADDRINUSE */
  receiver(at: InternetAddress): Promise<DatagramSocket> {
    return this.#datagrams('receive', at)
  }

  async #datagrams(verb: 'send' | 'receive', where: InternetAddress): Promise<DatagramSocket> {
    const handle = await this.#ask(verb, where)
    const socket = createSocket(where.family === 'ipv6' ? 'udp6' : 'udp4')
    // As a worker of a cluster gets one: Node takes a handle for a port here.
    await new Promise<void>((listening) => socket.bind(handle as object, listening))
    return socket
  }

  /** Settles once the files of its listeners are gone, too. */
  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    const gone = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    await gone
  }

  #ready(held: Held): Promise<void> {
    return new Promise((settle, reject) => {
      const child = this.#child
      const ended = (cause?: Error) =>
        reject(new DockerBashError(`no sockets can be made in ${held.name}`, { hint: 'docker-bash doctor', cause }))
      child.once('error', ended)
      child.once('exit', () => ended())
      child.once('message', ({ ready, failed, errno }: Word) => {
        if (ready) return settle()
        if (failed === 'gone' || !failed) return reject(new Ended(held.name))
        const cause = systemError('setns', errno ?? 0)
        reject(
          new DockerBashError(`the ${failed} namespace of ${held.name} cannot be entered: ${cause.message}`, { cause }),
        )
      })
    })
  }

  async #ask(verb: Verb, where: SocketAddress): Promise<unknown> {
    // Outside its mount namespace it would be a path of the host's.
    if (where.family === 'unix' && where.path[0] !== 0 && !this.#files) throw new TypeError('no paths were meant')
    return new Promise((given, reject) => {
      const number = this.#count++
      const refused = (errno: number) => reject(systemError(verb, errno))
      this.#asked.set(number, { given, refused })
      if (this.#child.connected) this.#child.send(`${verb} ${number} ${addressWords(where)}`)
      else this.#refuseAll()
    })
  }

  #hear({ number, errno, done }: Word, handle: unknown): void {
    const asked = number === undefined ? undefined : this.#asked.get(number)
    if (!asked || number === undefined) return
    this.#asked.delete(number)
    if (handle || done) asked.given(handle)
    else asked.refused(errno ?? 0)
  }

  #refuseAll(): void {
    for (const { refused } of this.#asked.values()) refused(gone)
    this.#asked.clear()
  }
}

/** ENETUNREACH: there is no such network any more. */
const gone = 101
