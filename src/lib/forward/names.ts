import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { DockerBashError } from '../errors'
import { ContainerRoot } from '../host/container-rootfs'
import { bytesOf, type InternetAddress, type SocketAddress } from '../sockets/addresses'
import { lookUp, readResolver } from './dns'
import type { End } from './spec'

const most = 1024 * 1024

/** Connects as the container does. */
export interface Dialler {
  /** @throws a system error, such as ECONNREFUSED */
  connect(to: SocketAddress): Promise<Duplex>
}

/** A container whose files can be read: by a process of it that root sees, or in another way. */
export type Readable = { readonly name: string } & (
  | { readonly pid: number }
  | { readonly read: (path: string) => Promise<Buffer | undefined> }
)

/**
 * An end as the kernel takes it, its name looked up as the container does: in its /etc/hosts, then by its DNS.
 * @throws DockerBashError for a name that nobody knows
 */
export async function addressIn(maker: Dialler, held: Readable, end: End): Promise<SocketAddress> {
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
export function addressOf(host: string, port: number): InternetAddress {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4'
  return { family, address: bytesOf(host, family), port }
}

async function hostIn(maker: Dialler, held: Readable, host: string): Promise<string | undefined> {
  if (isIP(host)) return host
  const known = inHosts(await readIn(held, '/etc/hosts'), host)
  if (known !== undefined || host === 'localhost') return known ?? '127.0.0.1'
  const text = await readIn(held, '/etc/resolv.conf')
  return lookUp(host, readResolver(text), (server) => maker.connect(addressOf(server, 53)))
}

/** An abstract name begins with a zero byte. */
export function pathOf(path: string): Buffer {
  return Buffer.from(path.replace(/^@/, '\0'))
}

async function readIn(held: Readable, path: string): Promise<string> {
  const bytes = 'pid' in held ? new ContainerRoot(held.pid).read(path, most) : await held.read(path)
  return bytes?.toString() ?? ''
}

function inHosts(text: string, name: string): string | undefined {
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) && names.some((one) => one.toLowerCase() === name.toLowerCase())) return address
  }
  return undefined
}
