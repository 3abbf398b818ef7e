import { DockerBashError } from '../errors'

/** One entry of an archive. */
export interface TarEntry {
  readonly path: string
  readonly mode: number
  /** A file's bytes, or where a link leads; neither: a folder. */
  readonly bytes?: Buffer
  readonly leadsTo?: string
}

/** A tar in the POSIX format (ustar), all owned by root and without dates: the same entries give the same archive. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const bytes = entry.bytes ?? Buffer.alloc(0)
    return [header(entry, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function header({ path, mode, bytes, leadsTo }: TarEntry, size: number): Buffer {
  if (Buffer.byteLength(path) > 100 || Buffer.byteLength(leadsTo ?? '') > 100) {
    throw new DockerBashError(`the path ${path} is too long for an archive`, { hint: 'it may have 100 bytes' })
  }
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  block.write(path, 0, 100)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.fill(' ', 148, 156)
  block.write(bytes ? '0' : leadsTo === undefined ? '5' : '2', 156, 'latin1')
  if (leadsTo !== undefined) block.write(leadsTo, 157, 100)
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}
