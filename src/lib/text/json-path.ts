/** What lies in parsed JSON under these keys; undefined when it is not there. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined),
    value,
  )
}

/** The text under these keys; empty when there is none. */
export function textAt(value: unknown, ...keys: string[]): string {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : ''
}
