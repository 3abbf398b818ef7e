/** An engine whose containers have users of their own: root inside is nobody special on the host (`--userns-remap`). */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, type ImageName, privateEngine, scratch } from './engine'

/** The first of the host's numbers that its containers' users have, and how many there are. */
export const remapped = { first: 231_072, count: 65_536 }

const tables = ['/etc/subuid', '/etc/subgid']

/**
 * An engine for this test file alone. It reads which numbers are whose when it starts, from files of the machine's that
 * are not ours to change: others lie over them until then.
 */
export async function remappedEngine(wanted: ImageName[]): Promise<Engine> {
  const file = join(scratch('subids'), 'table')
  const { first, count } = remapped
  writeFileSync(file, ['nobody', 'nogroup'].map((name) => `${name}:${first}:${count}\n`).join(''), { mode: 0o644 })
  for (const table of tables) execFileSync('mount', ['--bind', file, table])
  try {
    return await privateEngine(wanted, { args: ['--userns-remap', 'nobody:nogroup'] })
  } finally {
    execFileSync('umount', tables)
  }
}
