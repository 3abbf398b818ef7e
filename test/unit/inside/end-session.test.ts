/** How a session is ended, by the shells of this host and by perl: without a session. */
import { execFileSync } from 'node:child_process'
import { ensurePackages } from '../../../scripts/packages.mjs'
import byPerl from '../../../src/lib/host/end-session.pl'
import endSession from '../../../src/lib/inside/end-session.sh'

beforeAll(() => ensurePackages({ busybox: 'busybox-static' }))

/** What is done, in order, and how it ends. @param left for how many looks something is left */
function ended([program = '', ...flags]: readonly string[], left: number, sleep = 'echo "rest $1"'): string[] {
  const script = `${endSession}
    hang_up() { echo polite; }
    sleep() { ${sleep}; }
    each() { echo "$k $list"; n=$((n - 1)); [ "$n" -ge 0 ]; }
    n=${left} list=listed
    if end_session; then echo killed; else echo over; fi`
  return execFileSync(program, [...flags, '-c', script])
    .toString()
    .trim()
    .split('\n')
}

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']]

test.each(shells.map((shell) => [shell]))('%p is polite, then looks, and kills what stays', (shell) => {
  const looks = ['0 listed', 'rest 0.2', '0 listed', 'rest 0.2', '0 listed', 'rest 0.2']
  expect(ended(shell, 100)).toEqual(['polite', ...looks, 'KILL ', 'killed'])
  // The list is not believed when it says that nothing is left.
  expect(ended(shell, 0)).toEqual(['polite', '0 listed', '0 ', 'over'])
  expect(ended(shell, 1)).toEqual(['polite', '0 listed', 'rest 0.2', '0 listed', '0 ', 'over'])
  // Without a sleep nothing is waited for; without one of parts of a second, longer.
  expect(ended(shell, 100, 'return 1')).toEqual(['polite', '0 listed', 'KILL ', 'killed'])
  expect(ended(shell, 0, '[ "$1" = 1 ]')).toEqual(['polite', '0 listed', '0 ', 'over'])
  expect(ended(shell, 100, '[ "$1" = 1 ] && echo whole')).toContain('whole')
})

test('a perl does the same', () => {
  const run = (left: number) => {
    const script = `use strict; ${byPerl} my $n = ${left}; end_session(sub { print "$_[0]\\n"; $n-- > 0 })`
    return execFileSync('perl', ['-we', script]).toString().trim().split('\n')
  }
  const from = performance.now()
  expect(run(100)).toEqual(['HUP', 'CONT', ...Array(12).fill('0'), 'KILL'])
  expect(performance.now() - from).toBeGreaterThan(600)
  expect(run(2)).toEqual(['HUP', 'CONT', '0', 'KILL'])
})
