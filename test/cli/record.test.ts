/** The pictures in docs/ are what `npm run record` makes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../support/child'
import { root } from '../support/engine'
import { temporary } from '../support/temporary'

/** A picture without what differs at each run: times, IDs, and which container was first. */
function shape(svg: string) {
  const screens = [...svg.matchAll(/<g class="s\d">(.*?)<\/g>/gs)].map(([, rows = '']) =>
    rows
      .split('\n')
      .map((row) =>
        row
          .replaceAll(/<[^>]*>/g, '')
          .replace(/\d+(\.\d+)? (s\b|seconds?|minutes?)/, '0 s')
          .replace(/^[0-9a-f]{12}\b/, 'id')
          .replaceAll(/ +/g, ' ')
          .trim(),
      )
      .sort(),
  )
  return { screens, size: /viewBox="[^"]*"/.exec(svg)?.[0], title: /<title>.*<\/title>/.exec(svg)?.[0] }
}

const pictures = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.svg'))

test('what is committed is what the script makes', async () => {
  const made = temporary('record')
  const { code, stderr } = await launch([process.execPath, join(root, 'scripts', 'record.mjs'), made], env(), {
    timeoutMs: 170_000,
  }).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const committed = join(root, 'docs')
  expect(pictures(made)).toEqual(pictures(committed))
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const name of pictures(made)) {
    expect(readme).toMatch(`docs/${name}`)
    const fresh = readFileSync(join(made, name), 'utf8')
    expect(shape(fresh)).toEqual(shape(readFileSync(join(committed, name), 'utf8')))
    expect(fresh.length).toBeLessThan(30_000)
    expect(fresh).toMatch('prefers-color-scheme: dark')
  }
})

function env(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/' }
}
