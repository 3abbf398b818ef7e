import { exitCodeOfAll, failureOf, outcomeOf, summaryOf } from '../../../src/lib/fleet/outcome'

const ended = (code: number) => ({ code, begun: true, seconds: 0.1 })

test('the exit code is the first that is not 0, in the order of the selection', () => {
  expect(exitCodeOfAll([ended(0), ended(0)])).toBe(0)
  expect(exitCodeOfAll([ended(0), ended(7), ended(3)])).toBe(7)
})

test('a lost connection is 255, never 0', () => {
  expect(outcomeOf({ lost: 'the engine went away' }, 1)).toMatchObject({ code: 255, why: 'lost: the engine went away' })
})

test('the summary counts, names what failed, and not too many', () => {
  const all = Array.from({ length: 30 }, (_, at) => ({ name: `c\x1b${at}`, outcome: ended(at % 2) }))
  const lines = summaryOf(all, 3)
  expect(lines).toEqual([
    '15 of 30 ended with 0, 15 did not:',
    '  c\\x1b1    1',
    '  c\\x1b3    1',
    '  c\\x1b5    1',
    '  and 12 more',
  ])
})

test('what has run short here is the outcome of one member, in words; an error of ours is not', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write', path: '/tmp/spool' })
  expect(failureOf(full, 1)).toMatchObject({
    code: 125,
    begun: false,
    why: 'no room is left on the disk (write /tmp/spool)',
  })
  expect(() => failureOf(new TypeError('of ours'), 1)).toThrow('of ours')
})
