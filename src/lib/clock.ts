/**
 * Milliseconds by a clock that nobody sets; only differences mean something. Not `performance`: Node loads a dozen
 * modules at the first use of that name, at the cost of two milliseconds and an early garbage collection.
 */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
