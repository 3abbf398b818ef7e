import type { Wanted } from '../ssh/server/connection'

/** A host and a port, as `permitopen` and `permitlisten` name them; undefined is any. */
export interface Place {
  /** As it is asked for, letter by letter, or what it has to fit. */
  readonly host?: string | RegExp
  readonly port?: number
}

/** What somebody who is in may have. */
export interface Permits {
  /** Runs instead of whatever is asked for; files alone are `files`. */
  readonly forced?: string | { readonly files: true }
  readonly terminal: boolean
  readonly agent: boolean
  readonly forwards: boolean
  /** Where to, and where; all where nothing is said. */
  readonly connect?: readonly Place[]
  readonly listen?: readonly Place[]
}

export const everything: Permits = { terminal: true, agent: true, forwards: true }

/** With places named, Unix sockets are none of them: sshd grants those all the same, which few would expect. */
export function mayConnect({ forwards, connect }: Permits, to: Wanted): boolean {
  return forwards && isIn(connect, to)
}

export function mayListen({ forwards, listen }: Permits, at: Wanted): boolean {
  return forwards && isIn(listen, at)
}

function isIn(places: readonly Place[] | undefined, wanted: Wanted): boolean {
  if (places === undefined) return true
  if (wanted.kind === 'unix') return false
  return places.some(
    ({ host, port }) => fits(host ?? wanted.host, wanted.host) && (port === undefined || port === wanted.port),
  )
}

function fits(host: string | RegExp, asked: string): boolean {
  return typeof host === 'string' ? host === asked : host.test(asked)
}
