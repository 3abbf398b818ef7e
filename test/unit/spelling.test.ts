/** The words of our own that `npm run lint` lets pass. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(__dirname, '..', '..', 'cspell.json')
const { words } = JSON.parse(readFileSync(file, 'utf8')) as { readonly words: readonly string[] }

test('the project’s dictionary is sorted, in small letters, and has each word once', () => {
  expect(words).toEqual([...new Set(words.map((word) => word.toLowerCase()))].sort())
})
