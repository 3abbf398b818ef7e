import type { State, Target } from '../../../src/lib/model'
import { requireRunning } from '../../../src/lib/target/state'
import { target as running } from '../../support/targets'

const target = (state: State, more: Partial<Target> = {}) => running({ state, pid: 0, ...more })
const ended = { exit: { code: 137, oom: true }, finishedAt: new Date(Date.now() - 190_000).toISOString() }

test.each<[Target, string, RegExp]>([
  [target('created'), 'web was never started', /docker start web.*docker-bash debug web/],
  [target('paused'), 'web is paused: nothing in it can run', /docker unpause web/],
  [target('restarting', ended), 'web is restarting: it keeps ending with code 137 (out of memory)', /docker logs web/],
  [target('removing'), 'web is being removed', /docker-bash ls/],
  [
    target('exited', ended),
    'web is not running: it exited 3 minutes ago with code 137 (out of memory)',
    /docker start web.*docker-bash debug web/,
  ],
  [target('exited'), 'web is not running', /docker start web/],
  [target('dead', ended), 'web is not running: it exited 3 minutes ago with code 137 (out of memory)', /debug web/],
])('%#: its own message and hint', (which, message, hint) => {
  expect(() => requireRunning(which)).toThrow(
    expect.objectContaining({ message, hint: expect.stringMatching(hint), code: 125 }),
  )
})

test('one that runs is let through', () => {
  expect(() => requireRunning(target('running'))).not.toThrow()
})
