import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isIP, SocketAddress as NodeAddress } from 'node:net'
import { DockerBashError, messageOf } from '../errors'
import type { InternetAddress } from '../sockets/addresses'
import { textOf } from '../sockets/addresses'
import { type DatagramLimits, type Destination, relayDatagrams } from './datagrams'
import type { ForwardEvents } from './forward'
import { addressIn, type Readable } from './names'
import type { Datagrams, Opener } from './opener'
import type { Carried } from './relay'
import { type End, type Forward, show } from './spec'

/** One that receives datagrams; `forward` has the port that was free. */
export interface DatagramForward {
  readonly forward: Forward
  /** Forgets all clients: their sockets belong to a network that is gone. */
  forget(): void
  close(): void
}

/** From here into the container. @throws DockerBashError when nothing can be received here */
export async function datagramsIn(
  maker: Pick<Opener, 'connect' | 'sender' | 'receiver'>,
  held: Readable,
  asked: Forward,
  events: ForwardEvents,
  limits?: DatagramLimits,
): Promise<DatagramForward> {
  await addressIn(maker, held, asked.to)
  const at = await receiveHere(asked.from)
  const open = async () => {
    const address = inet(await addressIn(maker, held, asked.to))
    return { socket: await maker.sender(address), to: destination(address) }
  }
  return joined(at, asked, open, events, limits)
}

/** From the container to here. @throws DockerBashError when nothing can be received there */
export async function datagramsOut(
  maker: Pick<Opener, 'connect' | 'sender' | 'receiver'>,
  held: Readable,
  asked: Forward,
  events: ForwardEvents,
  limits?: DatagramLimits,
): Promise<DatagramForward> {
  const address = inet(await addressIn(maker, held, asked.from))
  const at = await maker.receiver(address).catch((cause: unknown) => {
    throw notAt(`${show(asked.from)}/udp in ${held.name}`, cause)
  })
  const open = async () => {
    const to = await destinationHere(asked.to)
    return { socket: createSocket(isIP(to.host) === 6 ? 'udp6' : 'udp4'), to }
  }
  return joined(at, asked, open, events, limits)
}

function joined(
  at: Datagrams,
  asked: Forward,
  open: () => Promise<{ socket: Datagrams; to: Destination }>,
  events: ForwardEvents,
  limits?: DatagramLimits,
): DatagramForward {
  const from: End = { ...asked.from, kind: 'tcp', host: hostOf(asked.from), port: at.address().port }
  const forward = { ...asked, from }
  const told = {
    joined: (live: () => Carried, over: Promise<unknown>) => events.joined?.(forward, live, over),
    left: (carried: Carried) => events.carried(forward, carried),
    refused: (why: string) => events.refused(forward, forward.to, why),
  }
  const forget = relayDatagrams(at, open, told, limits)
  let isOpen = true
  const close = () => {
    forget()
    if (isOpen) at.close()
    isOpen = false
  }
  return { forward, forget, close }
}

async function receiveHere(end: End): Promise<Socket> {
  const host = hostOf(end)
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
  try {
    socket.bind(end.kind === 'tcp' ? end.port : 0, host)
    await once(socket, 'listening')
    return socket
  } catch (cause) {
    throw notAt(`${show(end)}/udp`, cause)
  }
}

function notAt(where: string, cause: unknown): DockerBashError {
  return new DockerBashError(`cannot receive at ${where}: ${messageOf(cause)}`, {
    hint: 'another address or port may be free; with 0 for the port you get a free one',
    cause,
  })
}

function destination({ family, address, port }: InternetAddress): Destination {
  return { host: textOf(address, family), port }
}

async function destinationHere(end: End): Promise<Destination> {
  const { address, family } = await lookup(hostOf(end))
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  return { host: new NodeAddress({ address, family: kind }).address, port: end.kind === 'tcp' ? end.port : 0 }
}

const hostOf = (end: End) => (end.kind === 'tcp' ? end.host : '')

function inet(address: { readonly family: string }): InternetAddress {
  if (address.family === 'unix') throw new TypeError('datagrams of a path')
  return address as InternetAddress
}
