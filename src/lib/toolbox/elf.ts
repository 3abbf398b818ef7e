/** What of a program's first bytes decides whether it runs in a container that has nothing. */
export type Program =
  | { readonly kind: 'static' | 'script' }
  /** It needs what stands at `loader`, or is made for another machine. */
  | { readonly kind: 'dynamic'; readonly loader: string }
  | { readonly kind: 'foreign' | 'none' }

/** The numbers of ELF's `e_machine`, by the engine's words. */
const machines: Readonly<Record<string, number>> = { amd64: 62, arm64: 183 }

/** @param architecture in the engine's words: `amd64`, `arm64` */
export function readProgram(bytes: Buffer, architecture: string): Program {
  if (bytes.subarray(0, 2).toString() === '#!') return { kind: 'script' }
  // 64-bit, little-endian: what engines run on today.
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return { kind: 'none' }
  if (bytes[4] !== 2 || bytes[5] !== 1 || bytes.readUInt16LE(18) !== machines[architecture]) return { kind: 'foreign' }
  const loader = loaderOf(bytes)
  return loader === undefined ? { kind: 'static' } : { kind: 'dynamic', loader }
}

/** The path of the program's dynamic loader (PT_INTERP). */
function loaderOf(elf: Buffer): string | undefined {
  const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
  for (let at = start; at < start + size * count && at + 56 <= elf.length; at += size) {
    if (elf.readUInt32LE(at) !== 3) continue
    const [from, length] = [Number(elf.readBigUInt64LE(at + 8)), Number(elf.readBigUInt64LE(at + 32))]
    return elf.toString('latin1', from, from + length).replace(/\0.*$/s, '')
  }
  return undefined
}
