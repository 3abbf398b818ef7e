/**
 * Tar by the byte: ustar with pax's extended headers (POSIX.1-2001), and GNU's long names when read. Names are texts of a
 * character a byte, since they need not be UTF-8: that is why no library does it.
 */

export type TarKind = 'file' | 'hardlink' | 'link' | 'char' | 'block' | 'folder' | 'fifo'

export interface TarHead {
  readonly name: string
  readonly kind: TarKind
  /** Permissions alone. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes that follow. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Of a link. */
  readonly to: string
  readonly device: readonly [major: number, minor: number]
  readonly attributes: readonly (readonly [name: string, value: Buffer])[]
  /** Of a sparse file: the bytes that follow are these pieces of it, and all else is holes. */
  readonly sparse?: Sparse
}

/** In bytes. */
export interface Sparse {
  /** Of the whole file. */
  readonly size: number
  readonly pieces: readonly (readonly [at: number, size: number])[]
}

export const letters: Readonly<Record<string, TarKind>> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file', '1': 'hardlink', '2': 'link', '3': 'char', '4': 'block', '5': 'folder' },
  ...{ '6': 'fifo', S: 'file' },
}

/** How much of an entry's bytes fills its last block, in bytes. */
export function padding(size: number): number {
  return (512 - (size % 512)) % 512
}

/** The stream is not a tar, or ends too early. */
export class NotTar extends Error {}
