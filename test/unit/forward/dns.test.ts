import { addressOf, candidates, question, readResolver } from '../../../src/lib/forward/dns'

test('a resolv.conf', () => {
  const text = '# x\nnameserver 127.0.0.11\nnameserver ::1 ; y\nsearch a.b c.\noptions edns0 ndots:2\n'
  expect(readResolver(text)).toEqual({ servers: ['127.0.0.11', '::1'], search: ['a.b', 'c.'], ndots: 2 })
  expect(readResolver('')).toEqual({ servers: [], search: [], ndots: 1 })
})

test('what is asked for, in its order', () => {
  const resolver = { servers: [], search: ['a.b', 'c.'], ndots: 1 }
  expect(candidates('db', resolver)).toEqual(['db.a.b', 'db.c', 'db'])
  expect(candidates('db.x', resolver)).toEqual(['db.x', 'db.x.a.b', 'db.x.c'])
  expect(candidates('db.', resolver)).toEqual(['db'])
})

const name = Buffer.from('0264620000010001', 'hex')
const record = (type: number, data: string) => {
  const bytes = Buffer.from(data, 'hex')
  return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 9, 0, bytes.length]), bytes])
}
const answer = (...records: Buffer[]) =>
  Buffer.concat([Buffer.from([1, 2, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0]), name, ...records])

test('an answer, behind an alias, of either kind', () => {
  const both = answer(record(5, '0161c00c'), record(1, '0a000007'), record(28, '20010db8000000000000000000000001'))
  expect(addressOf(both, 1)).toBe('10.0.0.7')
  expect(addressOf(both, 28)).toBe('2001:0db8:0000:0000:0000:0000:0000:0001')
  expect(addressOf(answer(), 1)).toBeUndefined()
})

test('what is cut off, or lies about its lengths, has no address and takes no time', () => {
  const whole = answer(record(1, '0a000007'))
  for (let length = 0; length < whole.length; length++) expect(addressOf(whole.subarray(0, length), 1)).toBeUndefined()
  const endless = Buffer.concat([
    Buffer.from([1, 2, 0x81, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    Buffer.alloc(60000),
  ])
  expect(addressOf(endless, 1)).toBeUndefined()
})

test('a question; what is not a name has none', () => {
  expect(question('db', 1, 258).toString('hex')).toBe('010201000001000000000000026462000001' + '0001')
  for (const text of ['', 'a..b', 'x'.repeat(64)]) expect(() => question(text, 1, 0)).toThrow(RangeError)
})
