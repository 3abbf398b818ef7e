import { Row } from '../../../src/cli/forward/counts'

test('connections and bytes: what is carried now, and what was', async () => {
  const row = new Row()
  let end = (): void => undefined
  const over = new Promise<void>((settle) => {
    end = settle
  })
  const first = { out: 10, back: 2_000 }
  row.add(() => first, over)
  expect(row.text()).toBe('1 connection, 1 open; 10 B sent, 2.0 kB received')
  row.add(() => ({ out: 990, back: 0 }), new Promise(() => undefined))
  first.out = 20
  end()
  await over
  expect(row.text()).toBe('2 connections, 1 open; 1.0 kB sent, 2.0 kB received')
})
