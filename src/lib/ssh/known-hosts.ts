import type { Engine } from '../engine/engine'
import { isOurs, pathIn, readNote, writePrivate } from '../files/data-files'
import { formatPublic, type PublicKey, parsePublic } from './fingerprint'
import { survey } from './survey'

/**
 * The pinned server of one container, by its full ID: addresses and names go from one container to the next, IDs never
 * do. Written when its host keys were first read through the engine, which is before anything was ever sent to it.
 */
export interface PinnedHost {
  readonly id: string
  readonly hostKeys: readonly PublicKey[]
  readonly program: string
  readonly port: number
  /** The private halves of all its keys were seen in it: see held-host-keys.ts. */
  readonly held?: boolean
}

export function pinned(id: string): PinnedHost | undefined {
  const found = readNote(pathIn('hosts', `${id}.json`), isPin, 'a pinned server')
  if (!found) return undefined
  const hostKeys = found.hostKeys.flatMap((line) => parsePublic(line) ?? [])
  if (hostKeys.length === 0) return undefined
  return { id, hostKeys, program: found.program, port: found.port, held: found.held === true }
}

/** In another user's home nothing is left: the next session asks the engine again. */
export function pin(host: PinnedHost): void {
  if (!isOurs()) return
  const hostKeys = host.hostKeys.map((key) => formatPublic({ ...key, comment: '' }))
  writePrivate(pathIn('hosts', `${host.id}.json`), `${JSON.stringify({ ...host, hostKeys }, null, 2)}\n`)
}

/**
 * The server as it is pinned; read through the engine and pinned when it was not.
 * @returns why that cannot be, in `refusal`, when it has no server or no host keys to be read
 */
export async function knowHost(
  engine: Engine,
  id: string,
): Promise<{ host: PinnedHost } | { host?: undefined; refusal: 'no sshd' | 'no host keys'; complaint?: string }> {
  const known = pinned(id)
  if (known) return { host: known }
  const { program, port, hostKeys, complaint } = await survey(engine, id)
  if (!program) return { refusal: 'no sshd' }
  if (hostKeys.length === 0) return { refusal: 'no host keys', ...(complaint && { complaint }) }
  const host = { id, program, port, hostKeys }
  pin(host)
  return { host }
}

interface Pin {
  readonly hostKeys: readonly string[]
  readonly program: string
  readonly port: number
  readonly held?: unknown
}

function isPin(value: unknown): value is Pin {
  if (typeof value !== 'object' || value === null) return false
  const { hostKeys, program, port } = value as Record<string, unknown>
  return (
    Array.isArray(hostKeys) &&
    hostKeys.every((key) => typeof key === 'string') &&
    typeof program === 'string' &&
    typeof port === 'number'
  )
}
