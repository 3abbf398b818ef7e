/** Of an entry of an environment, `K=V` or `K`. */
export function nameOf(entry: string): string {
  const equals = entry.indexOf('=')
  return equals < 0 ? entry : entry.slice(0, equals)
}

/** The engine's, where an image names none. */
export const usualPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * An environment with what was asked for put in, as the engine does it: the last entry of a name holds, in the first
 * one's place, and a name alone takes the variable away.
 */
export function mergedEnv(own: readonly string[], asked: readonly string[]): string[] {
  const merged = new Map(own.map((entry) => [nameOf(entry), entry]))
  for (const entry of asked) {
    if (entry.includes('=')) merged.set(nameOf(entry), entry)
    else merged.delete(entry)
  }
  return [...merged.values()]
}
