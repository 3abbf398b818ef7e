import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { namesIn, pathIn, readNote, requireOurs, syncFolder, writePrivate } from '../files/data-files'

/**
 * A rotation under way, written down before anything is changed. Whoever finds one takes it up with the same new key;
 * every step can be done twice.
 */
export interface Journal {
  readonly id: string
  readonly name: string
  readonly user: string
  /** Of ours, by name. */
  readonly next: string
  /** The public lines that are to go. */
  readonly old: readonly string[]
}

const pathOf = (id: string) => pathIn('journal', `${id}.json`)

export function begin(entry: Journal): void {
  writePrivate(pathOf(entry.id), `${JSON.stringify(entry, null, 2)}\n`)
}

export function underWay(id: string): Journal | undefined {
  const found = readNote(pathOf(id), isJournal, 'a rotation')
  return found?.id === id ? found : undefined
}

export function finish(id: string): void {
  requireOurs()
  rmSync(pathOf(id), { force: true })
  syncFolder(dirname(pathOf(id)))
}

/** The containers with a rotation that was not finished. */
export function unfinished(): string[] {
  return namesIn('journal').flatMap((file) => /^([0-9a-f]{64})\.json$/.exec(file)?.[1] ?? [])
}

function isJournal(value: unknown): value is Journal {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, user, next, old } = value as Record<string, unknown>
  return (
    [id, name, user, next].every((one) => typeof one === 'string') &&
    Array.isArray(old) &&
    old.every((one) => typeof one === 'string')
  )
}
