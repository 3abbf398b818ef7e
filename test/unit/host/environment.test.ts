import { Ended } from '../../../src/lib/errors'
import { readProcessSpec } from '../../../src/lib/host/environment'
import type { Runtime } from '../../../src/lib/model'

test('a bundle that has gone is its container’s end, and is not called a missing folder', () => {
  const read = () => readProcessSpec({ bundle: '/nosuch/bundle' } as Runtime, 'web')
  expect(read).toThrow(Ended)
  expect(read).toThrow('web ended or was restarted meanwhile')
})
