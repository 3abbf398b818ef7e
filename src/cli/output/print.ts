import { errno } from '../../lib/errors'
import { Sink } from '../../lib/session/sink'
import { safeJson } from '../../lib/text/escape-controls'

/** Writes to stdout (or stderr) to the last byte. A reader who left (`| head`) has what it wanted. */
export function print(text: string, fd: 1 | 2 = 1): Promise<void> {
  return new Promise((resolve, reject) => {
    const out = new Sink(fd)
    const over = (error?: Error | null) => (!error || errno(error) === 'EPIPE' ? resolve() : reject(error))
    // Who ends it is called in either case, and with the error.
    out.on('error', over)
    out.end(text, over)
  })
}

/** The one place where a command's JSON is printed: whatever text is in it, a terminal takes it for text. */
export function printJson(value: unknown): Promise<void> {
  return print(`${safeJson(value, 2)}\n`)
}
