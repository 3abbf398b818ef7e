import { readFileSync } from 'node:fs'
import { DockerBashError } from '../errors'
import { byteName } from '../text/byte-names'

/**
 * Node replaces bytes of argv that are not UTF-8 with U+FFFD, and the engine's API is JSON, which has no other way to
 * carry them. Better no command than one with other bytes than were typed.
 */
export function requireUtf8(words: readonly string[]): void {
  const marked = words.find((word) => word.includes('\ufffd'))
  if (marked === undefined) return
  const typed = commandLine()
  // Else nothing says whether the character was typed as such.
  if (typed && !typed.equals(Buffer.from(typed.toString('utf8'), 'utf8'))) {
    throw new DockerBashError(`the argument ${marked} is not valid UTF-8`, {
      hint: `no engine can be sent them as an argument: have the container's shell make them (-c "printf '\\351'"), or use its input`,
    })
  }
}

/**
 * Words as the bytes that were typed, as texts of a character a byte: what Node replaced comes from the kernel.
 * @param words of argv, in its order, with nothing but flags between them
 */
export function typedBytes(words: readonly string[], read: () => Buffer | undefined = commandLine): string[] {
  const bytes = words.map(byteName)
  if (!words.some((word) => word.includes('\ufffd'))) return bytes
  const typed = read()?.toString('latin1').split('\0') ?? []
  // From the end: what stands in front may look the same.
  let at = typed.length
  for (const [back, word] of [...words].reverse().entries()) {
    const found = typed.findLastIndex((raw, index) => index < at && Buffer.from(raw, 'latin1').toString() === word)
    if (found < 0) return bytes
    at = found
    bytes[words.length - 1 - back] = typed[found] as string
  }
  return bytes
}

function commandLine(): Buffer | undefined {
  try {
    return readFileSync('/proc/self/cmdline')
  } catch {
    return undefined
  }
}
