import { buffer } from 'node:stream/consumers'
import { ReadableStream } from 'node:stream/web'
import { createTarDecoder, type TarHeader } from 'modern-tar'

/** One entry of an archive that is read. */
export interface Entry {
  readonly path: string
  readonly mode: number
  readonly kind: 'file' | 'link' | 'hard' | 'folder' | 'other'
  /** Where a link leads; of a hard one, the path of the entry that has the bytes. */
  readonly leadsTo: string
  readonly size: number
  readonly bytes?: Buffer
}

const kinds: Partial<Record<NonNullable<TarHeader['type']>, Entry['kind']>> = {
  file: 'file',
  link: 'hard',
  symlink: 'link',
  directory: 'folder',
}

/**
 * Reads a tar (ustar, PAX, GNU) as it comes, holding no more than one file.
 * @param wants which files' bytes are wanted; the rest is passed over
 */
export async function* untar(
  source: AsyncIterable<Buffer>,
  wants: (entry: Omit<Entry, 'bytes'>) => boolean,
): AsyncGenerator<Entry> {
  for await (const { header, body } of ReadableStream.from(source).pipeThrough(createTarDecoder())) {
    const { name: path, mode = 0, linkname: leadsTo = '', size } = header
    const entry = { path, mode, kind: kinds[header.type ?? 'file'] ?? 'other', leadsTo, size }
    if (entry.kind === 'file' && wants(entry)) yield { ...entry, bytes: await buffer(body) }
    else {
      await body.cancel()
      yield entry
    }
  }
}
