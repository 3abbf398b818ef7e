import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Duplex } from 'node:stream'

/** Read at once, in bytes. By 64 KiB a gibibyte takes a third more time. */
const blockSize = 256 * 1024

/** Not in use: for a short answer fresh memory is not worth its time. */
const free: Buffer[] = []
const mostFree = 16

/** Whether it is one of Node's own that nothing was read of yet, and nothing of which waits to be written. */
export function isFresh(socket: Duplex): socket is Socket {
  const { readableLength, writableLength, destroyed } = socket
  return socket instanceof Socket && handleOf(socket) !== null && !destroyed && readableLength + writableLength === 0
}

/**
 * Hands all that comes by a fresh connection on to another one, and its end; who reads slowly is waited for. It is read
 * into one block of memory, and again once the other one has taken that: Node by itself reads into fresh memory each time,
 * and holds half of that until V8 gets round to it.
 * @param socket of no use any more
 * @param to another one that this made
 * @returns the same connection
 */
export function handOn(socket: Socket, to: () => Socket): Socket {
  const block = free.pop() ?? Buffer.allocUnsafeSlow(blockSize)
  let isWaiting = false
  const taken = () => {
    if (!isWaiting || to().writableLength > 0) return
    isWaiting = false
    own.resume()
  }
  const callback = (count: number) => {
    to().write(block.subarray(0, count), taken)
    // What the kernel did not take at once is written from the block, later.
    isWaiting = to().writableLength > 0
    if (isWaiting) own.pause()
    return !isWaiting
  }
  const own: Socket = new Socket({
    handle: handleFrom(socket),
    allowHalfOpen: true,
    onread: { buffer: block, callback },
  } as SocketConstructorOpts)
  own.once('end', () => to().end())
  own.once('close', () => {
    if (!isWaiting && free.length < mostFree) free.push(block)
  })
  return own.resume()
}

interface WithHandle {
  _handle: object | null
}

function handleOf(socket: Socket): object | null {
  return (socket as unknown as WithHandle)._handle
}

/** What the kernel's socket is to Node; a socket that has none closes nothing. */
function handleFrom(socket: Socket): object | null {
  const handle = handleOf(socket)
  ;(socket as unknown as WithHandle)._handle = null
  socket.destroy()
  return handle
}
