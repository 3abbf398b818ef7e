import { isIP, SocketAddress as NodeAddress } from 'node:net'
import { DockerBashError } from '../errors'
import { ContainerRoot } from '../host/container-rootfs'
import type { Held, SocketAddress, SocketMaker } from '../sockets/maker'
import { lookUp, readResolver } from './dns'
import type { End } from './spec'

const most = 1024 * 1024

/**
 * An end as the kernel takes it, its name looked up as the container does: in its /etc/hosts, then by its DNS.
 * @throws DockerBashError for a name that nobody knows
 */
export async function addressIn(maker: Pick<SocketMaker, 'connect'>, held: Held, end: End): Promise<SocketAddress> {
  if (end.kind === 'unix') return { family: 'unix', path: pathOf(end.path) }
  const found = await hostIn(maker, held, end.host)
  if (found === undefined) {
    throw new DockerBashError(`${held.name} does not know the name ${end.host}`, {
      hint: `neither its /etc/hosts nor its DNS has it: docker-bash ${held.name} cat /etc/hosts /etc/resolv.conf`,
    })
  }
  return addressOf(found, end.port)
}

/** The kernel's form of an address that is written out. */
export function addressOf(host: string, port: number): SocketAddress {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4'
  return { family, address: bytesOf(host, family), port }
}

async function hostIn(maker: Pick<SocketMaker, 'connect'>, held: Held, host: string): Promise<string | undefined> {
  if (isIP(host)) return host
  const known = inHosts(held, host)
  if (known !== undefined || host === 'localhost') return known ?? '127.0.0.1'
  const text = new ContainerRoot(held.pid).read('/etc/resolv.conf', most)?.toString() ?? ''
  return lookUp(host, readResolver(text), (server) => maker.connect(addressOf(server, 53)))
}

/** An abstract name begins with a zero byte. */
export function pathOf(path: string): Buffer {
  return Buffer.from(path.replace(/^@/, '\0'))
}

function inHosts({ pid }: Held, name: string): string | undefined {
  const text = new ContainerRoot(pid).read('/etc/hosts', most)?.toString() ?? ''
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) && names.some((one) => one.toLowerCase() === name.toLowerCase())) return address
  }
  return undefined
}

function bytesOf(address: string, family: 'ipv4' | 'ipv6'): Buffer {
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
