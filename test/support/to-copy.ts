/** Files to be copied by a client’s scp and sftp. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './engine'

/** `a b`; `part`, its first third; and `tree` with a file `x`. @returns their folder */
export function wholeAndPart(): string {
  const folder = scratch('files')
  const bytes = randomBytes(3_000_000)
  writeFileSync(join(folder, 'a b'), bytes)
  writeFileSync(join(folder, 'part'), bytes.subarray(0, 1_000_000))
  mkdirSync(join(folder, 'tree'))
  writeFileSync(join(folder, 'tree', 'x'), 'x')
  return folder
}

/** A file of which a copy takes hours, and beside it a folder for temporary files. */
export function endless(): { folder: string; places: string; big: string } {
  const folder = scratch('busy')
  const places = join(folder, 'tmp')
  mkdirSync(places)
  const big = join(folder, 'big')
  writeFileSync(big, '')
  truncateSync(big, 2 ** 34)
  return { folder, places, big }
}
