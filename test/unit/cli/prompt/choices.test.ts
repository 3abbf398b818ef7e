import { type Choice, linesOf, matching, moreOf, ordered } from '../../../../src/cli/prompt/choices'
import type { Listed } from '../../../../src/lib/target/container-list'

const listed = (name: string, state = 'running', more: Partial<Listed> = {}): Listed => ({
  id: `${name.length}`.repeat(64),
  ...{ name, state, image: 'registry.example:5000/team/app:1.2', status: 'Up About a minute', published: [] },
  ...{ createdAt: '2026-01-01T00:00:00Z', enter: '', labels: {}, ...more },
})
const choice = (one: Listed): Choice => ({ listed: one, way: 'by exec', stopped: false })

test('the one used last, then what can be entered, in the order given', () => {
  const all = [listed('a', 'exited'), listed('bb'), listed('ccc', 'created'), listed('dddd', 'paused')]
  const names = (recent: string[]) => ordered(all, recent).map(({ name }) => name)
  expect(names([])).toEqual(['bb', 'dddd', 'a', 'ccc'])
  expect(names(['9'.repeat(64), '3'.repeat(64), '4'.repeat(64)])).toEqual(['ccc', 'bb', 'dddd', 'a'])
})

test('the name itself before its beginnings, those before the rest', () => {
  const all = ['my-web', 'web-old', 'web'].map((name) => choice(listed(name)))
  expect(matching(all, 'web').map(({ listed: { name } }) => name)).toEqual(['web', 'web-old', 'my-web'])
  expect(matching(all, 'APP:1 my').map(({ listed: { name } }) => name)).toEqual(['my-web'])
  expect(matching(all, 'nosuch')).toEqual([])
})

test('every line fits, however narrow; the end of an image’s name is kept', () => {
  const all = [choice(listed('a-rather-long-name-of-a-container')), choice(listed('web'))]
  for (const width of [200, 80, 60, 40, 20, 5]) {
    for (const line of linesOf(all, width)) expect(line.length).toBeLessThanOrEqual(width)
  }
  expect(linesOf(all, 72)[1]).toMatch(/^web +up 1 minute {2}….*app:1\.2 {2}by exec$/)
  expect(linesOf(all, 24)[1]).toMatch(/^web/)
})

test('foreign text is escaped and one place wide', () => {
  const [line = ''] = linesOf([choice(listed('web', 'running', { image: '\u001b[31m\u202e図' }))], 80)
  expect(line).toMatch('\\x1b[31m\\u202e\\u{56f3}')
  expect(moreOf(choice(listed('web', 'running', { service: '\u0007é' })))).toMatch(/service \\x07\\u\{e9\}$/)
})
