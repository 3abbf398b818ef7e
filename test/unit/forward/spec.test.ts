import { addressOf } from '../../../src/lib/forward/names'
import { type End, parseForward, parseListener } from '../../../src/lib/forward/spec'

const tcp = (port: number, host = '127.0.0.1'): End => ({ kind: 'tcp', host, port })
const unix = (path: string): End => ({ kind: 'unix', path })

test.each<[string, End, End]>([
  ['5432', tcp(5432), tcp(5432)],
  ['8080:80', tcp(8080), tcp(80)],
  [':80', tcp(0), tcp(80)],
  ['0:80', tcp(0), tcp(80)],
  ['8080:db:80', tcp(8080), tcp(80, 'db')],
  ['8080:10.0.0.7:80', tcp(8080), tcp(80, '10.0.0.7')],
  ['8080:[fe80::1]:80', tcp(8080), tcp(80, 'fe80::1')],
  ['0.0.0.0:8080:80', tcp(8080, '0.0.0.0'), tcp(80)],
  ['*:8080:80', tcp(8080, '0.0.0.0'), tcp(80)],
  ['[::1]:8080:80', tcp(8080, '::1'), tcp(80)],
  ['[::1]:8080:[::1]:80', tcp(8080, '::1'), tcp(80, '::1')],
  ['localhost:8080:db:80', tcp(8080, 'localhost'), tcp(80, 'db')],
  ['/tmp/a:/run/b', unix('/tmp/a'), unix('/run/b')],
  ['8080:/run/b', tcp(8080), unix('/run/b')],
  ['127.0.0.2:8080:/run/b', tcp(8080, '127.0.0.2'), unix('/run/b')],
  ['/tmp/a:80', unix('/tmp/a'), tcp(80)],
  ['./a:db:80', unix('./a'), tcp(80, 'db')],
  ['@a:@b', unix('@a'), unix('@b')],
])('%s', (text, from, to) => {
  expect(parseForward(text)).toEqual({ from, to })
})

test('udp: or tcp: in front, or one for all', () => {
  const ends = { from: tcp(5353), to: tcp(53) }
  expect(parseForward('udp:5353:53')).toEqual({ ...ends, udp: true })
  expect(parseForward('5353:53', true)).toEqual({ ...ends, udp: true })
  expect(parseForward('tcp:5353:53', true)).toEqual(ends)
  expect(() => parseForward('udp:/tmp/a:53')).toThrow('UDP has ports, and no paths')
  expect(() => parseForward('5353:/run/a', true)).toThrow('UDP has ports, and no paths')
})

test.each([
  '',
  ':',
  '0',
  '80:',
  '80:0',
  'x',
  '70000',
  '8080:70000',
  '1:2:3:4:5',
  '::1:80:80',
  '[::1:80',
  '80:db:x',
  '/a',
  '/a:/b:/c',
])('%j is none', (text) => {
  expect(() => parseForward(text)).toThrow(/invalid forward /)
})

test('where a proxy listens', () => {
  expect(parseListener('1080')).toEqual(tcp(1080))
  expect(parseListener('[::1]:0')).toEqual(tcp(0, '::1'))
  for (const text of ['', 'x', '/a', '1:2:3', ':'])
    expect(() => parseListener(text)).toThrow(/invalid port .* to listen at/)
})

test.each([
  ['127.0.0.1', '7f000001'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::ff:0:1', '20010db800000000000000ff00000001'],
  ['::ffff:10.0.0.7', '00000000000000000000ffff0a000007'],
  ['fe80:1:2:3:4:5:6:7', 'fe800001000200030004000500060007'],
])('%s as the kernel has it', (host, hex) => {
  expect(addressOf(host, 80).address.toString('hex')).toBe(hex)
})
