import { DockerBashError, messageOf } from '../errors'

/** One thing that was looked at. */
export interface Finding {
  readonly what: string
  readonly verdict: 'pass' | 'warn' | 'fail'
  readonly found: string
  /** The command that mends it. */
  readonly mend?: string
}

export const pass = (what: string, found: string): Finding => ({ what, verdict: 'pass', found })
export const warn = (what: string, found: string, mend: string): Finding => ({ what, verdict: 'warn', found, mend })
export const fail = (what: string, found: string, mend: string): Finding => ({ what, verdict: 'fail', found, mend })

/** An error in the words it has for the user anyway. */
export function failed(what: string, error: unknown): Finding {
  if (error instanceof DockerBashError) return fail(what, error.message, error.hint ?? 'docker-bash --help')
  return fail(what, messageOf(error), 'run it again with DEBUG=1 and report what it prints')
}
