import { randomFillSync } from 'node:crypto'

const drawn = Buffer.alloc(16 * 1024)
let used = drawn.length

/**
 * Fills a part of a packet with random bytes. Each draw takes as long as encrypting some kilobytes, so that a draw is for
 * hundreds of packets.
 * @param size at most 255
 */
export function pad(packet: Buffer, at: number, size: number): void {
  if (used + size > drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  drawn.copy(packet, at, used, used + size)
  used += size
}
