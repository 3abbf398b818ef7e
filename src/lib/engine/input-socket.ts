import { Socket } from 'node:net'
import { intoMemory } from './in-place'

/** A pipe or a socket that is ours already, to be read, and by `readInPlace` if that is wanted. */
export function inputSocket(fd: number): Socket {
  const options = { fd, readable: true, writable: false, onread: intoMemory(() => socket) }
  const socket: Socket = new Socket(options)
  return socket
}
