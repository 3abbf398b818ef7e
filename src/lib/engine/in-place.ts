import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * What all sockets read into, one after the other. A gibibyte in buffers of their own would be sixteen thousand of them,
 * each of fresh memory, and half of them held until V8 gets round to it. As much as the kernel holds for a socket.
 */
let memory: Buffer | undefined

type Take = (bytes: Buffer) => void

const takers = new WeakMap<Duplex, Take>()

/** A socket like any other, but for `readInPlace`. */
export function openSocket(to: { path: string } | { host: string; port: number; noDelay: boolean }): Socket {
  const socket: Socket = connect({ ...to, onread: intoMemory(() => socket) })
  return socket
}

/** What has a socket read into that memory. */
export function intoMemory(its: () => Socket) {
  memory ??= Buffer.allocUnsafeSlow(256 * 1024)
  const callback = (count: number, buffer: Uint8Array) => {
    const socket = its()
    const bytes = (buffer as Buffer).subarray(0, count)
    const take = takers.get(socket)
    // What came before, and is in the stream still, goes first.
    if (!take || socket.readableLength > 0) return socket.push(Buffer.from(bytes))
    take(bytes)
    return true
  }
  return { buffer: memory, callback }
}

/**
 * Reads a connection from now on, as its 'data' event would, but hands over the memory that was read into, which is
 * used again: the bytes are good until `take` returns.
 */
export function readInPlace(connection: Duplex, take: Take): void {
  takers.set(connection, take)
  connection.on('data', take)
}
