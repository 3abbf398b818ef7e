/** The other end is a program of ours, but in a container: what it says is bounded. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { Carrier } from '../../../src/lib/sockets/carrier'
import { count, frame, framesIn, pieceSize, verbs, windowSize } from '../../../src/lib/sockets/carrier-frames'

const at = { family: 'ipv4', address: Buffer.from([127, 0, 0, 1]), port: 80 } as const
const opened = (number: number) => frame(number, verbs.opened, Buffer.from([0, 80]))
const piece = Buffer.alloc(pieceSize)

/** What is sent to the program, as frames in words. */
function program() {
  const out = new PassThrough()
  const said: string[] = []
  out.on(
    'data',
    framesIn((number, verb, bytes) => said.push(`${number} ${verb} ${bytes.length}`)),
  )
  return { carrier: new Carrier(out), said }
}

async function connected() {
  const { carrier, said } = program()
  const made = carrier.connect(at)
  carrier.take(opened(1))
  return { carrier, said, one: await made }
}

test('frames are read however they are cut', () => {
  const all = Buffer.concat([frame(1, verbs.data, Buffer.from('abc')), frame(2 ** 31, verbs.end)])
  for (let size = 1; size <= all.length; size++) {
    const read: unknown[] = []
    const take = framesIn((...one) => read.push([one[0], one[1], String(one[2])]))
    for (let from = 0; from < all.length; from += size) take(all.subarray(from, from + size))
    expect(read).toEqual([
      [1, 'D', 'abc'],
      [2 ** 31, 'E', ''],
    ])
  }
})

test('a frame that is too long is refused before it is held', () => {
  const head = Buffer.concat([count(1), Buffer.from('D'), count(2 * pieceSize + 1)])
  expect(() => framesIn(() => undefined)(head)).toThrow('a frame is too long')
})

test('more than the window is refused, and what is read makes room', async () => {
  const { carrier, said, one } = await connected()
  for (let size = 0; size < windowSize; size += pieceSize) carrier.take(frame(1, verbs.data, piece))
  expect(() => carrier.take(frame(1, verbs.data, Buffer.alloc(1)))).toThrow('more than the window')
  let read = 0
  one.on('data', ({ length }) => (read += length))
  carrier.take(frame(1, verbs.end))
  await once(one, 'end')
  expect(read).toBeGreaterThanOrEqual(windowSize)
  expect(said.filter((text) => text === '1 W 4').length).toBeGreaterThan(0)
})

test('no more is sent than was granted; each way ends by itself', async () => {
  const { carrier, said, one } = await connected()
  one.end(Buffer.alloc(windowSize + 10))
  const sent = () =>
    said.filter((text) => text.startsWith('1 D ')).reduce((sum, text) => sum + Number(text.slice(4)), 0)
  await new Promise(setImmediate)
  expect(sent()).toBe(windowSize)
  expect(said).not.toContain('1 E 0')
  carrier.take(frame(1, verbs.window, count(100)))
  await once(one, 'finish')
  expect(sent()).toBe(windowSize + 10)
  expect(said.at(-1)).toBe('1 E 0')
  carrier.take(frame(1, verbs.data, Buffer.from('still')))
  expect(String(one.read())).toBe('still')
})

test('a reset is an error, and so is the end of the program; what comes for nobody is passed over', async () => {
  const { carrier, said, one } = await connected()
  carrier.take(frame(7, verbs.data, piece))
  carrier.take(frame(1, verbs.reset, count(104)))
  expect(await once(one, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
  const made = carrier.connect(at)
  const asked = carrier.listeners(80)
  carrier.lost()
  await expect(made).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await asked).toBeUndefined()
  await expect(carrier.listen(at)).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(said.filter((text) => /^\d+ [KR]/.test(text))).toEqual([])
})

test('a connection for a listener is heard by who has just asked for that; a number that is taken is refused', async () => {
  const { carrier, said } = program()
  const made = carrier.listen(at)
  carrier.take(Buffer.concat([opened(1), frame(2 ** 31, verbs.accepted, count(1))]))
  const listener = await made
  expect(listener.address()).toEqual({ port: 80 })
  await once(listener, 'connection')
  expect(() => carrier.take(frame(2 ** 31, verbs.accepted, count(1)))).toThrow('a number that is taken')
  listener.close()
  carrier.take(frame(2 ** 31 + 1, verbs.accepted, count(1)))
  expect(said.slice(-2)).toEqual(['1 K 0', `${2 ** 31 + 1} K 0`])
})
