import { packTar } from 'modern-tar'

/** One entry of an archive. */
export interface TarEntry {
  readonly path: string
  readonly mode: number
  /** A file's bytes, or where a link leads; neither: a folder. */
  readonly bytes?: Buffer
  readonly leadsTo?: string
}

/** A tar (ustar, PAX where that is too narrow), all owned by root and without dates: the same entries give the same archive. */
export async function tar(entries: readonly TarEntry[]): Promise<Buffer> {
  const packed = await packTar(entries.map((entry) => ({ header: header(entry), body: entry.bytes })))
  return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
}

function header({ path, mode, bytes, leadsTo }: TarEntry) {
  const common = { name: path, mode, size: bytes?.length ?? 0, mtime: new Date(0), uid: 0, gid: 0 }
  if (bytes) return { ...common, type: 'file' as const }
  return leadsTo === undefined
    ? { ...common, type: 'directory' as const }
    : { ...common, type: 'symlink' as const, linkname: leadsTo }
}
