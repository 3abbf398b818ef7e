/**
 * One test a sentence of the image's promise. On our image a broken one fails. On a foreign image, where the question
 * is what differs, each is tried too, and a table at the end of the file says which hold there and what others do.
 */
import { firstTime, foreign, imageUnderTest } from './images'

beforeAll(async () => {
  await imageUnderTest()
}, firstTime)

const findings: Array<{ sentence: string; differs?: string }> = []

export function sentence(text: string, check: () => Promise<void>, timeoutMs = 60_000): void {
  if (!foreign) {
    test(text, check, timeoutMs)
    return
  }
  const limit = timeoutMs / 2
  test(
    text,
    async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`nothing after ${limit} ms`)), limit)
      })
      try {
        await Promise.race([check(), late])
        findings.push({ sentence: text })
      } catch (error) {
        findings.push({ sentence: text, differs: firstLines(error) })
      } finally {
        clearTimeout(timer)
      }
    },
    timeoutMs,
  )
}

/** The same sentence about each of several cases. */
export function sentences<Case>(
  cases: readonly Case[],
  text: (one: Case) => string,
  check: (one: Case) => Promise<void>,
): void {
  for (const one of cases) sentence(text(one), () => check(one))
}

afterAll(() => {
  if (foreign) process.stdout.write(`${table()}\n`)
})

function table(): string {
  const rows = findings.map(({ sentence, differs }) => `| ${sentence} | ${differs ? `no: ${differs}` : 'yes'} |`)
  return [`| what ours does | ${foreign} does |`, '|---|---|', ...rows].join('\n')
}

/** What was expected and what came, in one line without colour. */
function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('expect('))
    .join(' ')
    .replaceAll('|', '\\|')
    .slice(0, 200)
}
