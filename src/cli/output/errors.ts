import { writeSync } from 'node:fs'
import { DockerBashError, messageOf } from '../../lib/errors'
import { explainSystem } from '../../lib/system-errors'
import { safe } from '../../lib/text/escape-controls'

/** A line of ours: on stderr, since stdout is the session's. @param end of the line */
export function say(text: string, end: '\n' | '\r\n' = '\n'): void {
  writeAll(`docker-bash: ${safe(text)}${end}`)
}

/** Of one among many, where the others are gone on with. */
export function warn(error: DockerBashError): void {
  write(error)
}

/** The one place where errors are printed. @returns the exit code */
export function report(error: unknown): number {
  const known = asOurs(error)
  // Nothing to say: whoever was asked has left.
  if (known.message === '') return known.code
  write(known, process.env.DEBUG ? [stackOf(error)] : [])
  return known.code
}

function write({ message, lines, hint }: DockerBashError, more: readonly string[] = []): void {
  const below = [...lines, ...(hint ? [hint] : [])].map((line) => `  ${safe(line)}`)
  writeAll([`docker-bash: ${safe(message)}`, ...below, ...more, ''].join('\n'))
}

function asOurs(error: unknown): DockerBashError {
  if (error instanceof DockerBashError) return error
  // What oclif says of flags it does not know, with its own way to get help cut off.
  if (error instanceof Error && 'oclif' in error) {
    const lines = messageOf(error)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^(See more help|The following error)/.test(line))
    const message = lines.join(' ').replace(/^[A-Z]/, (first) => first.toLowerCase())
    return new DockerBashError(message, { hint: 'docker-bash --help shows the usage' })
  }
  // From src/entry/boot.ts.
  if (error instanceof Error && 'hint' in error) return new DockerBashError(error.message, { hint: String(error.hint) })
  const known = explainSystem(error)
  if (known) return known
  return new DockerBashError(`unexpected error: ${messageOf(error)}`, {
    hint: 'run it again with DEBUG=1 and report what it prints',
    cause: error,
  })
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${error.stack}${error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`}`
}

function writeAll(text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(2, bytes, at)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue
      // Nobody to tell.
      return
    }
  }
}
