import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path/posix'
import type { Engine } from '../engine/engine'
import { readBounded } from '../files/bounded'
import { perl } from '../host/perl'
import { ownArchitecture } from './busybox'
import { readProgram } from './elf'
import { architectureOf, imageOf, mountPoints, toolFolder } from './image'
import { type TarEntry, tar } from './tar'

/** An image of the engine's with a perl in it, which has no modules. */
export interface PerlImage {
  readonly tag: string
  /** How it is run there; behind it stand perl's own words. */
  readonly argv: readonly string[]
}

/** In bytes, of a perl or a library of it. */
const largest = { most: 64 * 1024 * 1024 }
const libraries = `${toolFolder}/lib`
const loader = `${libraries}/loader`
const program = `${toolFolder}/perl`

/**
 * This host's perl with the libraries that it loads, as an image of the engine's; no registry is asked.
 * @returns undefined when it does not run on the engine's machine, or there is none here
 */
export async function perlImage(engine: Engine): Promise<PerlImage | undefined> {
  const files = filesOfPerl()
  if (!files || (await architectureOf(engine)) !== ownArchitecture) return undefined
  const folders = [...mountPoints, toolFolder.slice(1), libraries.slice(1)]
  const archive = await tar([...folders.map((path) => ({ path: `${path}/`, mode: 0o755 })), ...files])
  const { tag } = await imageOf(engine, archive, 'perl')
  const isStatic = files.length === 1
  return { tag, argv: isStatic ? [program] : [loader, '--library-path', libraries, program] }
}

/** Whether this host has one that can be brought along. */
export function hasPerl(): boolean {
  return filesOfPerl() !== undefined
}

function filesOfPerl(): TarEntry[] | undefined {
  if (process.platform !== 'linux' || !existsSync(perl)) return undefined
  const bytes = readBounded(perl, largest)
  const found = readProgram(bytes, ownArchitecture)
  const file = (path: string, from: string) => ({
    ...{ path: path.slice(1), mode: 0o755, bytes: readBounded(from, largest) },
  })
  const own = { path: program.slice(1), mode: 0o755, bytes }
  if (found.kind === 'static') return [own]
  if (found.kind !== 'dynamic') return undefined
  // The loader says itself what it would load: `libc.so.6 => /lib/…/libc.so.6 (0x…)`.
  const { status, stdout } = spawnSync(found.loader, ['--list', perl], { encoding: 'utf8', env: { LC_ALL: 'C' } })
  if (status !== 0) return undefined
  const loads = [...stdout.matchAll(/^\t(\S+) => (\/\S+)/gm)]
  return [
    own,
    file(loader, found.loader),
    ...loads.map(([, name = '', path = '']) => file(`${libraries}/${basename(name)}`, path)),
  ]
}
