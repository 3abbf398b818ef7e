/** Chance that can be had again: the same seed draws the same numbers. */
import { createHash } from 'node:crypto'

export interface Random {
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number
  pick<T>(from: readonly T[]): T
  bytes(count: number): Buffer
}

/** @param seed any text */
export function random(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  // Mulberry32: 32 bits of state are plenty for choosing what to try.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    int,
    pick: (from) => {
      const found = from[int(0, from.length - 1)]
      if (found === undefined) throw new TypeError('nothing to pick from')
      return found
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => int(0, 255))),
  }
}
