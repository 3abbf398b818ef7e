import { digitsOf, linesOnlyIn, readLimits } from '../../../src/lib/host/limits'

test('limits by the kernel’s numbers', () => {
  const text = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    'Max open files            1024                 4096                 files     ',
    'Max realtime timeout      unlimited            unlimited            us        ',
  ].join('\n')
  const unlimited = '18446744073709551615'
  expect(readLimits(text)).toEqual([
    { number: 0, type: 'RLIMIT_CPU', soft: unlimited, hard: unlimited },
    { number: 7, type: 'RLIMIT_NOFILE', soft: '1024', hard: '4096' },
    { number: 15, type: 'RLIMIT_RTTIME', soft: unlimited, hard: unlimited },
  ])
})

test('what one process has otherwise than another', () => {
  const lines = (files: string) => ['Max cpu time   unlimited', `Max open files ${files}`, ''].join('\n')
  expect(linesOnlyIn(lines('1024'), lines('4096'))).toBe('Max open files 1024')
  expect(linesOnlyIn(lines('1024'), lines('1024'))).toBe('')
})

test('numbers of 64 bits, which JSON has rounded', () => {
  const read = (digits: string) => JSON.parse(digits) as number
  for (const digits of ['18446744073709551615', '9223372036854775807', '1024', '4503599627370496']) {
    expect(digitsOf(read(digits))).toBe(digits)
  }
})
