import { closeSync } from 'node:fs'
import { forFiles, forPrograms, inFirst, nameless, namelessRunnable, type Placed } from '../host/temporary-places'
import { type Finding, pass, warn } from './finding'

/** Where what is temporary lies: small files for the runtime, and a copy of perl that is run from there. */
export async function checkPlaces(): Promise<Finding> {
  const [files, programs] = await Promise.all([inFirst(forFiles(), nameless), inFirst(forPrograms(), namelessRunnable)])
  for (const { made } of [files, programs]) if (made !== undefined) closeSync(made)
  const found = `files ${where(files, 'in')}, programs ${where(programs, 'from')}`
  const refused = [...new Set([...files.refused, ...programs.refused])]
  if (refused.length === 0) return pass('places', found)
  const folders = refused.map((refusal) => refusal.split(':')[0])
  return warn('places', `${found}; not in ${refused.join('; ')}`, `findmnt --df ${[...new Set(folders)].join(' ')}`)
}

function where({ folder }: Placed<number>, word: string): string {
  return folder === undefined ? `${word} the kernel’s memory alone` : `${word} ${folder}`
}
