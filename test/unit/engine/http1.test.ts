/** Answers of engines, however their bytes come. */
import fc from 'fast-check'
import { AnswerReader } from '../../../src/lib/engine/http1'

/** Fed in pieces of these lengths, over and over. */
function read(text: string, pieces: readonly number[] = [text.length]): AnswerReader {
  const reader = new AnswerReader()
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = pieces[turn % pieces.length] ?? 1
    reader.put(bytes.subarray(at, at + length))
    at += length
  }
  return reader
}

const counted = 'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 5\r\n\r\nhello'
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nhell\r\n1\r\no\r\n0\r\nTrailer: x\r\n\r\n'
const refusal = 'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
const upgrade = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

test.each([
  ['counted', counted, 200, 'hello'],
  ['chunked', chunked, 200, 'hello'],
  ['refused', refusal, 404, '{}'],
  ['empty', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, ''],
  ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  ['after a word before it', `HTTP/1.1 100 Continue\r\n\r\n${counted}`, 200, 'hello'],
])('an answer that is %s', (_, text, status, body) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (pieces) => {
      const reader = read(text, pieces)
      expect(reader.done).toBe(true)
      expect(reader.head?.status).toBe(status)
      expect(reader.body.toString()).toBe(body)
      expect(reader.keepsAlive).toBe(true)
    }),
  )
})

test('header names in small letters', () => {
  expect(read(counted).head?.headers.get('api-version')).toBe('1.41')
})

test('what stands behind the agreement to hand over belongs to the new owner', () => {
  const reader = read(`${upgrade}\x01\0\0\0\0\0\0\x02hi`)
  expect(reader.head?.status).toBe(101)
  expect(reader.rest.toString('latin1')).toBe('\x01\0\0\0\0\0\0\x02hi')
})

test('as long as the connection: its end is the answer’s', () => {
  const reader = read('HTTP/1.0 200 OK\r\n\r\nhello')
  expect(reader.done).toBe(false)
  reader.end()
  expect(reader.body.toString()).toBe('hello')
  expect(reader.keepsAlive).toBe(false)
})

test('a connection that is to be closed is not kept', () => {
  expect(read(counted.replace('Api-Version: 1.41', 'Connection: close')).keepsAlive).toBe(false)
})

test.each([
  ['nothing', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['half a body', counted.slice(0, -1)],
  ['half of a chunk', chunked.slice(0, -16)],
])('%s is not an answer', (_, text) => {
  const reader = read(text)
  expect(reader.done).toBe(false)
  expect(() => reader.end()).toThrow('hung up')
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(60_000)}`],
  ['a chunk of no size', chunked.replace('4;name', 'zz')],
])('%s is refused', (_, text) => {
  expect(() => read(text)).toThrow(/not a Docker engine|damaged/)
})
