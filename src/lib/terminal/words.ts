import { readFileSync } from 'node:fs'
import { DockerBashError } from '../errors'

/**
 * Node replaces bytes of argv that are not UTF-8 with U+FFFD, and the engine's API is JSON, which has no other way to
 * carry them. Better no command than one with other bytes than were typed.
 */
export function requireUtf8(words: readonly string[]): void {
  const marked = words.find((word) => word.includes('\ufffd'))
  if (marked === undefined) return
  let typed: Buffer
  try {
    typed = readFileSync('/proc/self/cmdline')
  } catch {
    // Nothing tells whether the character was typed as such.
    return
  }
  if (!typed.equals(Buffer.from(typed.toString('utf8'), 'utf8'))) {
    throw new DockerBashError(`the argument ${marked} is not valid UTF-8`, {
      hint: `no engine can be sent them as an argument: have the container's shell make them (-c "printf '\\351'"), or use its input`,
    })
  }
}
