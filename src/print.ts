import { errno } from './lib/errors'
import { sink } from './lib/session/sink'

/** Writes to stdout to the last byte. A reader who left (`| head`) has what it wanted. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const out = sink(1)
    out.on('error', (error) => (errno(error) === 'EPIPE' ? resolve() : reject(error)))
    out.end(text, () => resolve())
  })
}
