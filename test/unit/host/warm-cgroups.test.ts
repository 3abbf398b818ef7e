import * as fs from 'node:fs'
import { readyCgroups } from '../../../src/lib/host/warm-cgroups'

test('moves us to the control group that we are in, and keeps nothing open', async () => {
  const where = fs.readFileSync('/proc/self/cgroup', 'utf8')
  const open = () => fs.readdirSync('/proc/self/fd').length
  const before = open()
  const opened = jest.spyOn(jest.requireActual<typeof fs>('node:fs'), 'open')
  const moved = jest.spyOn(jest.requireActual<typeof fs>('node:fs'), 'write')
  readyCgroups()
  expect(opened.mock.calls[0]?.[0]).toMatch(/^\/sys\/fs\/cgroup\/.*cgroup\.procs$/)
  while (open() > before || moved.mock.calls.length === 0) await new Promise((later) => setTimeout(later, 1))
  expect(moved.mock.calls[0]?.[1]).toBe('0')
  expect(fs.readFileSync('/proc/self/cgroup', 'utf8')).toBe(where)
})
