import { Chalk } from 'chalk'
import type { Engine } from '../../../src/lib/engine/engine'
import { Live } from '../../../src/lib/fleet/live'

const engine = {} as Engine
const members = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `${at}`, name: `web-${at}`, engine }))
const plain = new Chalk({ level: 0 })

test('a line each: waiting, running for how long, ended how, and what was said last', () => {
  const [a, b, c, d] = members(4)
  if (!a || !b || !c || !d) throw new Error('four')
  let now = 0
  const live = new Live([a, b, c, d], plain, () => now)
  for (const one of [a, b, c]) live.begun(one)
  live.said(a, Buffer.from('first\nlast \x1b[31mred\n'))
  live.ended(b, { code: 0, begun: true, seconds: 1.23 })
  live.ended(c, { code: 3, begun: true, seconds: 1 })
  now = 5100
  expect(live.lines(10)).toEqual([
    '  · web-0  runs 5 s    last \\x1b[31mred',
    '  ✓ web-1  1.2 s',
    '  ✗ web-2  code 3',
    '  · web-3  waits',
  ])
  expect(live.isWhole).toBe(true)
})

test('more than there are rows: counts, and those that run', () => {
  const all = members(50)
  const live = new Live(all, plain, () => 0)
  for (const one of all.slice(0, 20)) live.begun(one)
  for (const one of all.slice(0, 10)) live.ended(one, { code: one.id === '4' ? 1 : 0, begun: true, seconds: 0 })
  const lines = live.lines(5)
  expect(lines[0]).toBe('  10 running, 10 of 50 ended, 1 not with 0')
  expect(lines.slice(1)).toEqual(['10', '11', '12', '13'].map((at) => `  · web-${at}  runs`.trimEnd()))
  expect(live.lines(1)).toHaveLength(1)
  expect(live.isWhole).toBe(false)
})
