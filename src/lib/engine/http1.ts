/**
 * Just as much of HTTP/1.1 as an engine's answers take (RFC 9112): a head, and a body that is counted, chunked, or as
 * long as the connection. Bytes in, parts out; no connection is known here.
 */
export interface Head {
  readonly status: number
  /** Names in small letters. */
  readonly headers: ReadonlyMap<string, string>
}

/** What came is not the answer of an engine. */
export class NoAnswer extends Error {}

/** No engine sends more of a head. */
const longestHead = 256 * 1024

/** One answer, read as its bytes come. */
export class AnswerReader {
  head: Head | undefined
  /** The whole answer is there. */
  done = false
  /** Bytes behind it. */
  rest: Buffer = Buffer.alloc(0)
  readonly #parts: Buffer[] = []
  #held: Buffer = Buffer.alloc(0)
  /** Bytes of the body, or of its present chunk, that have not come; undefined when its end tells how long it is. */
  #missing: number | undefined = 0
  #chunked = false
  #state: 'head' | 'body' | 'size' | 'break' | 'trailer' = 'head'

  /** @throws Error for what is not HTTP */
  put(bytes: Buffer): void {
    this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes
    while (!this.done && this.#step());
  }

  /** The connection has ended. @throws Error when the answer has not */
  end(): void {
    if (this.#state === 'body' && this.#missing === undefined) this.done = true
    if (!this.done) throw new NoAnswer('the engine hung up before it had answered')
  }

  get body(): Buffer {
    const [first, ...more] = this.#parts
    return first && more.length === 0 ? first : Buffer.concat(this.#parts)
  }

  /** It may be asked again on the same connection. */
  get keepsAlive(): boolean {
    return this.done && this.#missing !== undefined && !/close/i.test(this.head?.headers.get('connection') ?? '')
  }

  /** @returns whether there may be more to take of what is held */
  #step(): boolean {
    if (this.#state === 'body') return this.#takeBody()
    const line = this.#state === 'head' ? this.#take('\r\n\r\n') : this.#take('\r\n')
    if (line === undefined) return false
    if (this.#state === 'head') this.#readHead(line)
    else if (this.#state === 'size') this.#readSize(line)
    else if (this.#state === 'break') this.#state = 'size'
    // The trailer's last line is empty.
    else if (line === '') this.#finish()
    return true
  }

  #take(end: string): string | undefined {
    const at = this.#held.indexOf(end)
    if (at < 0) {
      if (this.#held.length > longestHead) throw new NoAnswer('what answers there is not a Docker engine')
      return undefined
    }
    const text = this.#held.toString('latin1', 0, at)
    this.#held = this.#held.subarray(at + end.length)
    return text
  }

  #readHead(text: string): void {
    const [first = '', ...lines] = text.split('\r\n')
    const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]
    if (!status) throw new NoAnswer('what answers there is not a Docker engine')
    // Before the answer proper: go on waiting for it.
    if (status.startsWith('1') && status !== '101') return
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    this.head = { status: Number(status), headers }
    const length = headers.get('content-length')
    this.#chunked = /chunked/i.test(headers.get('transfer-encoding') ?? '')
    const isEmpty = status === '101' || status === '204' || status === '304'
    this.#state = this.#chunked ? 'size' : 'body'
    this.#missing = this.#chunked || isEmpty ? 0 : length === undefined ? undefined : Number(length)
    if (isEmpty || (this.#missing === 0 && !this.#chunked)) this.#finish()
  }

  #readSize(line: string): void {
    const size = Number.parseInt(line, 16)
    if (Number.isNaN(size)) throw new NoAnswer('the engine’s answer is damaged')
    this.#missing = size
    this.#state = size === 0 ? 'trailer' : 'body'
  }

  #takeBody(): boolean {
    const bytes = this.#held.subarray(0, this.#missing)
    this.#held = this.#held.subarray(bytes.length)
    if (bytes.length > 0) this.#parts.push(bytes)
    if (this.#missing === undefined) return false
    this.#missing -= bytes.length
    if (this.#missing > 0) return false
    if (this.#chunked) this.#state = 'break'
    else this.#finish()
    return true
  }

  #finish(): void {
    this.done = true
    this.rest = this.#held
  }
}
