import type { Begin } from './audit'
import type { Container } from './container'
import type { Permits } from './permits'

/** Somebody who is in: where, and what they may have there. */
export interface Guest {
  readonly container: Container
  readonly permits: Permits
  /** Tells of what they have. */
  readonly begin: Begin
  /** The container, for the audit. */
  readonly where: { readonly container: string; readonly id: string }
}
