import { progress } from '../../../src/cli/cp/tell'

test.each([
  [{ files: 0, bytes: 250e6 }, 2, 1000e6, '0 files (250 MB), 125 MB/s, 25 %, 6 s left'],
  [{ files: 1, bytes: 1e6 }, 10, 100e6, '1 file (1.0 MB), 100 kB/s, 1 %, 17 min left'],
  [{ files: 1, bytes: 1e6 }, 10, 1e9, '1 file (1.0 MB), 100 kB/s, 0 %, 2 h 47 min left'],
  [{ files: 7, bytes: 5000 }, 5, undefined, '7 files (5.0 kB), 1.0 kB/s'],
  [{ files: 0, bytes: 0 }, 5, 100, '0 files (0 B), 0 B/s'],
  [{ files: 1, bytes: 101 }, 1, 100, '1 file (101 B), 101 B/s'],
])('%j after %d s of %s: %s', (tally, seconds, total, line) => {
  expect(progress(tally, seconds, total)).toBe(line)
})
