/**
 * Text of a container, an engine or another user's process reaches most patterns of src/: none of them may take more
 * than linear time. Each is tried with texts that are made of its own parts, repeated.
 */
import { attacks, cost, type Found, patternsIn, sources } from '../support/patterns'

/** A pattern that is built is not seen here: why each of them is harmless. */
const built: Record<string, string> = {
  'lib/fleet/glob.ts': 'groups that are not gone back into: tried in test/unit/fleet/glob.test.ts',
  'lib/image/reference.ts': 'of 255 characters at most',
  'lib/namespaces/confinement.ts': 'a word at the start of a line, in a text of the kernel’s',
  'lib/tradeoffs/probe.ts': 'words of ours at the start of a line',
}
/** In characters; then growth by the square or worse shows as seconds, linear growth as a millisecond. */
const lengths = [24, 48, 100, 400, 4000, 20_000]
const mostMs = 60

/** The text that takes a pattern too long. */
function slow({ pattern }: Pick<Found, 'pattern'>): string | undefined {
  for (const length of lengths) {
    for (const text of attacks(pattern, length)) {
      // More than once: the first may have been the collector's time.
      if ([1, 2, 3].every(() => cost(pattern, text) > mostMs)) return `${length}: ${JSON.stringify(text.slice(0, 60))}`
    }
  }
  return undefined
}

const found = sources().map(patternsIn)

test('every pattern takes linear time', () => {
  const all = found.flatMap(({ literal }) => literal)
  expect(all.length).toBeGreaterThan(150)
  const bad = all.flatMap((one) => {
    const why = slow(one)
    return why === undefined ? [] : [`src/${one.file}:${one.line} ${one.pattern} takes too long at ${why}`]
  })
  expect(bad).toEqual([])
})

test('every pattern that is built is known here', () => {
  expect([...new Set(found.flatMap((one) => one.built))]).toEqual(Object.keys(built))
})

test.each([
  /^\s*Port\s+(\d{1,5})\s*$/gim,
  /[\r\n]+$/,
  /=+$/,
  /^\s*([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/,
  /^\s*(?:export\s+)?(COMPOSE_\w+)\s*=\s*(.*?)\s*$/,
  /RUN .*\/packages/,
  /(a+)+b/,
  /\[(!?)((?:\]|[^\]])[^\]]*)\]/g,
])('%s would be found', (pattern) => {
  expect(slow({ pattern })).toBeDefined()
})
