/** What the pages for those who change the code name: each file is there, and each room is named. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(__dirname, '../..')
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

const folders = ['.ci', '.github', 'bench', 'bin', 'completion', 'docs', 'image', 'scripts', 'src', 'test']
const below = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`),
)
const paths = new Set([...readdirSync(root), ...below])

/** What the build makes. */
const built = /^(?:dist\/.*|(?:main|ways|rest)\.js)$/

/** A file or folder, as the pages name them: whole, from a room on, or by its name alone. */
function isThere(name: string): boolean {
  const ends = ['', '.ts', '.test.ts'].map((end) => `/${name.replace(/\/$/, '')}${end}`)
  return [...paths].some((path) => ends.some((end) => `/${path}`.endsWith(end)))
}

/** `sink.ts`, `src/entry/`; and a test by its layer: `unit/engine/http1`. */
const fileName = /^[\w.-]+(?:\/[\w.-]+)*(?:\/|\.(?:cjs|json|md|mjs|pl|sh|ts))$/
const testName = /^(?:attack|cli|contract|engine|unit|variants)\/[\w/.-]+$/

test.each(['CONTRIBUTING.md', 'SECURITY.md', 'docs/architecture.md'])('%s names files that are there', (page) => {
  const words = [...textOf(page).matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word)
  const found = words.filter((word) => fileName.test(word) || testName.test(word))
  expect(found.length).toBeGreaterThan(20)
  expect(found.filter((word) => !word.includes('NAME') && !built.test(word) && !isThere(word))).toEqual([])
})

test('docs/architecture.md names every room of src/lib/', () => {
  const rooms = readdirSync(join(root, 'src/lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const page = textOf('docs/architecture.md')
  expect(rooms.map(({ name }) => `\`${name}/\``).filter((room) => !page.includes(room))).toEqual([])
})

const pages = [...paths].filter((path) => path.endsWith('.md') && !path.startsWith('image/'))

test.each(pages)('the links of %s lead to files', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)\s]*)?\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})
