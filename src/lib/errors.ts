export interface ErrorDetails {
  /** One line: what to do now, naming the command to type. */
  readonly hint?: string
  /** Lines shown between the message and the hint, such as the candidates of an ambiguous name. */
  readonly lines?: readonly string[]
  /** Exit code; 125 for everything of docker-bash itself. */
  readonly code?: number
  readonly cause?: unknown
}

/**
 * The one error that is meant for the user: one line of what happened, one of what to do.
 * Thrown anywhere in lib, printed in one place (`cli/output/errors.ts`). The text may hold foreign words as they are; printing
 * escapes them. An empty message says nothing: it is for somebody who left.
 */
export class DockerBashError extends Error {
  readonly hint: string | undefined
  readonly lines: readonly string[]
  readonly code: number

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DockerBashError'
    this.hint = details.hint
    this.lines = details.lines ?? []
    this.code = details.code ?? 125
  }
}

/** A way in could not begin, for a reason of its own: another one may. Nothing ran, and no input was read. */
export class NotBegun extends DockerBashError {}

/** The container ended, or was restarted, between the look at it and the session. Nothing ran. */
export class Ended extends DockerBashError {
  constructor(name: string, cause?: unknown) {
    const hint = `try again: docker-bash ${name}; or look around in a copy of it: docker-bash debug --copy ${name}`
    super(`${name} ended or was restarted meanwhile`, { hint, cause })
  }
}

/** The engine is not there, or refuses. The text says where it is reached, which is for its own users alone. */
export class OfEngine extends DockerBashError {}

/** The errno of a system error, such as `ENOENT`; undefined for anything else. */
export function errno(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/** What an unknown thrown value says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
