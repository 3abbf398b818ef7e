import { SocketAddress as NodeAddress } from 'node:net'

/** Where a socket leads, or listens, as the container has it. */
export type SocketAddress =
  | { readonly family: 'ipv4' | 'ipv6'; readonly address: Buffer; readonly port: number }
  /** A path of its files; one that begins with a zero byte is a name of its network namespace (abstract). */
  | { readonly family: 'unix'; readonly path: Buffer }

export type InternetAddress = Exclude<SocketAddress, { family: 'unix' }>

type Family = 'ipv4' | 'ipv6'

/** An address as Node writes it. */
export function textOf(address: Buffer, family: Family): string {
  const text = family === 'ipv4' ? address.join('.') : (address.toString('hex').match(/.{4}/g) ?? []).join(':')
  return new NodeAddress({ address: text, family }).address
}

/** An address in network order, without its scope. */
export function bytesOf(address: string, family: Family): Buffer {
  if (family === 'ipv4') return Buffer.from(address.split('.').map(Number))
  // Written out by Node: eight groups, whatever was left out or is in the older form.
  const { address: plain } = new NodeAddress({ address: address.replace(/%.*/, ''), family })
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain)
  const hex = (high = '0', low = '0') => (Number(high) * 256 + Number(low)).toString(16)
  const text = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : plain
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [before, behind] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - behind.length }, () => '0')
  const all = [...before, ...zeros, ...behind].map((group) => Number.parseInt(group, 16))
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]))
}

/** Whom a datagram goes to or comes from, or who has connected; of a link-local address the scope is behind it. */
export interface Peer {
  readonly address: string
  readonly port: number
}

/** In bytes, of a peer as carrier.pl says it: family, port, scope, address. */
export const peerSize = 23

/** @param bytes as many at least */
export function peerIn(bytes: Buffer): Peer {
  const family = bytes[0] === 6 ? 'ipv6' : 'ipv4'
  const address = textOf(bytes.subarray(7, family === 'ipv6' ? 23 : 11), family)
  const scope = bytes.readUInt32BE(3)
  return { address: scope === 0 ? address : `${address}%${scope}`, port: bytes.readUInt16BE(1) }
}

/** For the programs that make sockets. */
export function addressWords(where: SocketAddress): string {
  if (where.family === 'unix') return `unix ${where.path.toString('hex')}`
  return `${where.family} ${where.address.toString('hex')} ${where.port}`
}
