import { Readable } from 'node:stream'
import { type Budget, common } from './budget'
import { SpoolFile } from './spool-file'

export interface SpoolLimits {
  /** Bytes held in memory before the file is used. */
  readonly memory: number
  /** Bytes held in the file before `full` is said. */
  readonly file: number
  /** Where the file is made: the first with room. Default: those for what nobody knows how large it gets. */
  readonly folders?: readonly string[]
}

const MiB = 1024 * 1024
const usual: SpoolLimits = { memory: 8 * MiB, file: 256 * MiB }

/**
 * What a slow reader has not taken yet: in memory, then in a temporary file that has no name any more.
 *
 * It takes everything it is given, because whoever feeds it must not stop reading: an engine drops what its client
 * has not read two seconds after a process ends, and says nothing. Only when the file is at its bound as well (or
 * cannot be written) is it `full`, which tells the feeder to stop for as long as that is safe.
 */
export class Spool extends Readable {
  readonly #limits: SpoolLimits
  readonly #budget: Budget
  #memory: Buffer[] = []
  /** Comes after what is in the file. */
  #behindFile: Buffer[] = []
  #inMemory = 0
  #file: SpoolFile | undefined
  #ended = false
  #wanted = false
  #fetching = false
  #broken = false
  #straight: ((bytes: Buffer) => number) | undefined

  constructor(limits: Partial<SpoolLimits> = {}, budget: Budget = common) {
    super({ highWaterMark: 256 * 1024 })
    this.#limits = { ...usual, ...limits }
    this.#budget = budget
  }

  /**
   * Offers what comes while nothing is held here, before a copy of it is made for the stream's own readers.
   * @param take says how much it took of the bytes, which are good until it returns; undefined ends it
   */
  straight(take: ((bytes: Buffer) => number) | undefined): void {
    this.#straight = take
  }

  /** Takes a chunk; never refuses. The bytes are the caller's again on return. */
  put(bytes: Buffer): void {
    if (bytes.length === 0 || this.destroyed) return
    const taken = this.#straight && this.#held + this.readableLength === 0 ? this.#straight(bytes) : 0
    if (taken < bytes.length) this.#hold(Buffer.from(bytes.subarray(taken)))
  }

  #hold(chunk: Buffer): void {
    if (!(this.#useFile(chunk.length) && this.#spill(chunk))) {
      // If the disk filled up meanwhile, what is in the file still comes first.
      if (this.#inFile > 0) this.#behindFile.push(chunk)
      else this.#memory.push(chunk)
      this.#inMemory += chunk.length
      this.#budget.add(chunk.length, 0)
    }
    if (this.#wanted) this._read()
  }

  /** No more will come; what is held is still handed out. */
  finish(): void {
    this.#ended = true
    if (this.#wanted) this._read()
  }

  /** At its bound: stop feeding until `room` is emitted. */
  get full(): boolean {
    const most = this.#broken ? this.#limits.memory : this.#limits.memory + this.#limits.file
    return this.#held > most || this.#budget.isFull(this.#held)
  }

  get #held(): number {
    return this.#inMemory + this.#inFile
  }

  get #inFile(): number {
    return this.#file?.length ?? 0
  }

  override _read(): void {
    this.#wanted = true
    // What is being read from the file comes before anything else.
    if (this.#fetching) return
    while (this.#wanted) {
      const chunk = this.#memory.shift()
      if (chunk === undefined) break
      this.#inMemory -= chunk.length
      this.#budget.add(-chunk.length, 0)
      this.#hand(chunk)
    }
    if (!this.#wanted) return
    if (this.#file && this.#file.length > 0) this.#fetch(this.#file)
    else if (this.#ended) {
      this.#wanted = false
      this.push(null)
    }
  }

  #hand(chunk: Buffer): void {
    this.#wanted = this.push(chunk)
    if (!this.full) this.emit('room')
  }

  #fetch(file: SpoolFile): void {
    this.#fetching = true
    file.take((error, chunk) => {
      this.#fetching = false
      if (!error && !this.destroyed) this.#budget.add(0, -chunk.length)
      if (this.#inFile === 0) this.#memory = this.#behindFile.splice(0)
      if (error) return this.destroy(error)
      if (this.destroyed) return
      this.#hand(chunk)
      if (this.#wanted) this._read()
    })
  }

  /** Once something is in the file, all that follows goes there, until it is empty: order is kept. */
  #useFile(length: number): boolean {
    if (this.#broken) return false
    const wanted = this.#inMemory + length
    return this.#inFile > 0 || wanted > this.#limits.memory || this.#budget.isMemoryFull(wanted)
  }

  #spill(chunk: Buffer): boolean {
    try {
      this.#file ??= new SpoolFile(this.#limits.folders)
      this.#file.append(chunk)
      this.#budget.add(0, chunk.length)
      return true
    } catch {
      // No room on the disk, or no folder to write in: memory alone has to do, and the bound is lower.
      this.#broken = true
      return false
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#memory = []
    this.#behindFile = []
    this.#budget.add(-this.#inMemory, -this.#inFile)
    this.#inMemory = 0
    this.#file?.close()
    this.#file = undefined
    done(error)
  }
}
