import type { Begin } from './audit'
import type { Container } from './container'
import type { Permits } from './permits'

/** Both ends of a connection: an address, a blank and a port each. */
export interface Ends {
  readonly client: string
  readonly server: string
}

/** Somebody who is in: where, and what they may have there. */
export interface Guest {
  readonly container: Container
  readonly permits: Permits
  /** Tells of what they have. */
  readonly begin: Begin
  /** Absent: nobody knows from where, such as by a pipe. */
  readonly ends?: Ends
  /** Hears what an error says where the client is somebody else, who hears less; see outside.ts. */
  readonly confide?: (text: string) => void
  /** The container, for the audit. */
  readonly where: { readonly container: string; readonly id: string }
}
