import { basename, dirname, resolve } from 'node:path/posix'
import type { Readable } from 'node:stream'
import { readProgram } from './elf'
import type { Collected } from './toolbox'
import { type Entry, untar } from './untar'

/** No tool is larger; what is, is passed over unread. */
const largest = 256 * 1024 * 1024

/** What stands at a path of the image. */
type Found = { readonly bytes: Buffer } | { readonly leadsTo: string } | { readonly loader: string }

/**
 * Gathers from an image's folders what runs with no library of the image's: static programs and scripts, under every
 * name that leads to one within these folders. The first folder with a name has it, as in PATH.
 * @param read an archive of a folder, as the engine gives it; undefined when there is no such folder
 */
export async function collect(
  folders: readonly string[],
  architecture: string,
  read: (folder: string) => Promise<Readable | undefined>,
): Promise<Collected> {
  const found = new Map<string, Found>()
  const order: string[] = []
  /** Folders that are links to others. */
  const moved = new Map<string, string>()
  const seen = new Set<string>()
  const queue = [...folders]
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    if (seen.has(folder) || seen.size > 40) continue
    seen.add(folder)
    const archive = await read(folder)
    if (!archive) continue
    try {
      for await (const entry of untar(archive, ({ mode, size }) => (mode & 0o111) !== 0 && size <= largest)) {
        const path = resolve(dirname(folder), entry.path)
        // The folder itself is a link: /bin to usr/bin.
        if (path === folder && entry.kind === 'link') {
          const leadsTo = resolve(dirname(folder), entry.leadsTo)
          moved.set(folder, leadsTo)
          queue.unshift(leadsTo)
        }
        if (dirname(path) !== folder) continue
        const what = kept(entry, dirname(folder), folder, architecture)
        if (!what) continue
        found.set(path, what)
        order.push(path)
      }
    } finally {
      // Behind an archive's end there is padding, which an engine would wait for us to read.
      archive.destroy()
    }
  }
  return named(found, order, moved)
}

/** @param base the folder that the archive's paths begin in */
function kept(entry: Entry, base: string, folder: string, architecture: string): Found | undefined {
  if (entry.kind === 'hard') return { leadsTo: resolve(base, entry.leadsTo) }
  if (entry.kind === 'link') return { leadsTo: resolve(folder, entry.leadsTo) }
  if (!entry.bytes) return undefined
  const program = readProgram(entry.bytes, architecture)
  if (program.kind === 'static' || program.kind === 'script') return { bytes: entry.bytes }
  return program.kind === 'dynamic' ? { loader: program.loader } : undefined
}

function named(
  found: ReadonlyMap<string, Found>,
  order: readonly string[],
  moved: ReadonlyMap<string, string>,
): Collected {
  const taken = new Set<string>()
  const files = new Map<string, { name: string; bytes: Buffer }>()
  const links: [string, string][] = []
  const dynamic = new Map<string, string>()
  const end = (path: string) => {
    let at = path
    for (let step = 0; step < 10; step++) {
      const here = found.get(at)
      if (!here || !('leadsTo' in here)) return here && { at, here }
      const folder = dirname(here.leadsTo)
      at = `${moved.get(folder) ?? folder}/${basename(here.leadsTo)}`
    }
    return undefined
  }
  for (const path of order) {
    const name = basename(path)
    const last = end(path)
    if (!last || taken.has(name)) continue
    if ('loader' in last.here) {
      if (!dynamic.has(name)) dynamic.set(name, last.here.loader)
      continue
    }
    if (!('bytes' in last.here)) continue
    taken.add(name)
    const file = files.get(last.at)
    if (file) links.push([name, file.name])
    else files.set(last.at, { name, bytes: last.here.bytes })
  }
  return { files: [...files.values()], links, dynamic }
}
