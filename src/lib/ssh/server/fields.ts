/** The fields of a message, from the front: RFC 4251, section 5. Each throws RangeError where the message is too short. */
export class Fields {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++)
  }

  flag(): boolean {
    return this.byte() !== 0
  }

  number(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  /** A string as it came: bytes, in no encoding. */
  bytes(): Buffer {
    const size = this.number()
    if (size > this.#bytes.length - this.#at) throw new RangeError('a string is longer than its message')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  /** A name of the protocol's, or an address. */
  text(): string {
    return this.bytes().toString()
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }
}
