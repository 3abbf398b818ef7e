import { rmSync } from 'node:fs'
import { type Damaged, namesIn, pathIn, readNote, requireOurs, unlessDamaged, writePrivate } from '../files/data-files'

/** Which of our keys open a container, as whom. Only our own notes: a container cannot enrol itself. */
export interface Enrolment {
  readonly id: string
  /** As it was called then; for messages only. */
  readonly name: string
  readonly keys: readonly EnrolledKey[]
}

export interface EnrolledKey {
  /** A private key in our folder, by name. */
  readonly key: string
  readonly fingerprint: string
  readonly user: string
}

/** @throws DockerBashError when our note of it is damaged */
export function enrolment(id: string): Enrolment | undefined {
  return readNote(pathIn('enrolled', `${id}.json`), isEnrolment, 'an enrolment')
}

export function enrol(entry: Enrolment): void {
  const path = pathIn('enrolled', `${entry.id}.json`)
  requireOurs()
  if (entry.keys.length === 0) rmSync(path, { force: true })
  else writePrivate(path, `${JSON.stringify(entry, null, 2)}\n`)
}

function isEnrolment(value: unknown): value is Enrolment {
  if (typeof value !== 'object' || value === null) return false
  const { id, name, keys } = value as Record<string, unknown>
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    Array.isArray(keys) &&
    keys.every(
      (one) => typeof one?.key === 'string' && typeof one?.fingerprint === 'string' && typeof one?.user === 'string',
    )
  )
}

/**
 * All of our notes, of containers that are gone by now too.
 * @param damaged told of each that is damaged, which is passed over
 */
export function enrolments(damaged: Damaged): Enrolment[] {
  return namesIn('enrolled').flatMap((file) => {
    const id = /^([0-9a-f]{64})\.json$/.exec(file)?.[1]
    return (id && unlessDamaged(() => enrolment(id), damaged)) || []
  })
}
