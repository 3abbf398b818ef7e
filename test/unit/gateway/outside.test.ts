/** What a client hears of an error: its own user all of it, somebody else not where the engine is. */
import { unreachable } from '../../../src/lib/engine/unreachable'
import { DockerBashError } from '../../../src/lib/errors'
import type { Container } from '../../../src/lib/gateway/container'
import { toldOfLoss, toldTo } from '../../../src/lib/gateway/outside'

const container = { name: 'web' } as Container
const endpoint = { kind: 'unix', host: 'unix:///run/x.sock', path: '/run/x.sock', from: 'the default socket' } as const
const gone = unreachable(Object.assign(new Error('connect'), { code: 'ENOENT', syscall: 'connect' }), endpoint, 0)

test.each([
  [
    gone,
    'the engine behind this gateway does not answer as it should',
    ['no engine at unix:///run/x.sock: there is no such socket'],
  ],
  [new DockerBashError('no container named x'), 'no container named x', []],
  [new TypeError('x is not a function'), 'unexpected error: x is not a function', []],
])('%s', (error, outside, confided) => {
  const heard: string[] = []
  expect(toldTo({ confide: (text) => heard.push(text) }, error).message).toBe(outside)
  expect(heard).toEqual(confided)
  if (error instanceof DockerBashError) expect(toldTo({}, error)).toBe(error)
})

test('a loss', () => {
  const heard: string[] = []
  const why = 'the engine went away: connect ECONNREFUSED /run/x.sock'
  expect(toldOfLoss({ container, confide: (text) => heard.push(text) }, why).message).toBe('lost web')
  expect(heard).toEqual([`lost web: ${why}`])
  expect(toldOfLoss({ container }, why).message).toBe(`lost web: ${why}`)
})
