import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** Where a name is asked for, as resolv.conf(5) has it. */
export interface Resolver {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  /** With so many dots a name is asked for as it is first. */
  readonly ndots: number
}

/** How long (ms) one server is waited for. */
const patienceMs = 3000

const types = { 1: 'ipv4', 28: 'ipv6' } as const

export function readResolver(text: string): Resolver {
  const servers: string[] = []
  let search: string[] = []
  let ndots = 1
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver' && rest[0] && servers.length < 3) servers.push(rest[0])
    if (word === 'search' || word === 'domain') search = rest.slice(0, 6)
    if (word === 'options') {
      const found = rest.map((option) => /^ndots:(\d{1,2})$/.exec(option)?.[1]).find((count) => count !== undefined)
      ndots = found === undefined ? ndots : Number(found)
    }
  }
  return { servers, search, ndots }
}

/** The names to ask for, in their order. */
export function candidates(name: string, { search, ndots }: Resolver): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const longer = search.map((domain) => `${name}.${domain.replace(/\.$/, '')}`)
  return name.split('.').length - 1 >= ndots ? [name, ...longer] : [...longer, name]
}

/**
 * Asks for a name's address over TCP, which needs no more than a connection that somebody makes where it counts.
 * @param reach connects to port 53 of a server
 * @returns undefined when nobody knows it
 */
export async function lookUp(
  name: string,
  resolver: Resolver,
  reach: (server: string) => Promise<Duplex>,
): Promise<string | undefined> {
  for (const one of candidates(name, resolver)) {
    for (const type of [1, 28] as const) {
      for (const server of resolver.servers) {
        const answer = await asked(one, type, () => reach(server)).catch(() => undefined)
        if (answer === undefined) continue
        const address = addressOf(answer, type)
        if (address !== undefined) return address
        break
      }
    }
  }
  return undefined
}

/** The question for a name, without the length in front. @throws RangeError for what is not a name */
export function question(name: string, type: keyof typeof types, id: number): Buffer {
  const labels = name.split('.').map((label) => {
    const bytes = Buffer.from(label)
    if (bytes.length === 0 || bytes.length > 63) throw new RangeError(`no name: ${name}`)
    return Buffer.from([bytes.length, ...bytes])
  })
  const head = Buffer.alloc(12)
  head.writeUInt16BE(id, 0)
  // Recursion is wanted; one question.
  head.writeUInt16BE(0x0100, 2)
  head.writeUInt16BE(1, 4)
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])])
}

/** The first address of a type in an answer; undefined when it has none, or is none. */
export function addressOf(answer: Buffer, type: keyof typeof types): string | undefined {
  try {
    let at = 12
    for (let left = answer.readUInt16BE(4); left > 0; left--) at = behindName(answer, at) + 4
    for (let left = answer.readUInt16BE(6); left > 0; left--) {
      at = behindName(answer, at)
      const [kind, size] = [answer.readUInt16BE(at), answer.readUInt16BE(at + 8)]
      const data = answer.subarray(at + 10, at + 10 + size)
      if (kind === 1 && type === 1 && data.length === 4) return data.join('.')
      if (kind === 28 && type === 28 && data.length === 16) return (data.toString('hex').match(/.{4}/g) ?? []).join(':')
      at += 10 + size
    }
  } catch {
    // Cut off.
  }
  return undefined
}

/** A name ends with a zero byte or where it goes on elsewhere. */
function behindName(answer: Buffer, from: number): number {
  for (let at = from; ; at += 1 + answer.readUInt8(at)) {
    const size = answer.readUInt8(at)
    if (size === 0) return at + 1
    if (size >= 0xc0) return at + 2
  }
}

async function asked(name: string, type: keyof typeof types, reach: () => Promise<Duplex>): Promise<Buffer> {
  const id = randomBytes(2).readUInt16BE()
  const text = question(name, type, id)
  const socket = await reach()
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((settle, reject) => {
      let held = Buffer.alloc(0)
      timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs)
      socket.once('error', reject).once('close', () => reject(new Error('no answer')))
      socket.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk])
        if (held.length < 2 || held.length < 2 + held.readUInt16BE()) return
        const answer = held.subarray(2, 2 + held.readUInt16BE())
        if (answer.length >= 12 && answer.readUInt16BE() === id) settle(answer)
        else reject(new Error('another answer'))
      })
      const length = Buffer.alloc(2)
      length.writeUInt16BE(text.length)
      socket.write(Buffer.concat([length, text]))
    })
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
