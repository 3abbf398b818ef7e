/** A proxy's two streams as one. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { inputSocket } from '../../../src/lib/engine/input-socket'
import { Joined } from '../../../src/lib/gateway/stdio'
import { makePipes } from '../../support/pipes'

const piece = 100_000
const sent = Buffer.concat(Array.from({ length: 40 }, (_, at) => Buffer.alloc(piece, at)))

/** All that comes through, with a pause behind each so many bytes, as it was when it came. */
async function received(lends: boolean) {
  const [pipe] = makePipes(['in'])
  if (!pipe) throw new Error('no pipe')
  const stream = new Joined(inputSocket(pipe.theirs), new PassThrough())
  if (lends) stream.lend()
  pipe.ours.end(sent)
  const copies: Buffer[] = []
  const memories = new Set<ArrayBufferLike>()
  let until = 10 * piece
  stream.on('data', (bytes: Buffer) => {
    copies.push(Buffer.from(bytes))
    memories.add(bytes.buffer)
    until -= bytes.length
    if (until > 0) return
    until = 10 * piece
    stream.pause()
    void wait(20).then(() => stream.resume())
  })
  await once(stream, 'end')
  return { bytes: Buffer.concat(copies), memories: memories.size, pieces: copies.length }
}

test('what is lent is read into one piece of memory, and what comes during a pause is kept', async () => {
  const { bytes, memories, pieces } = await received(true)
  expect(bytes.equals(sent)).toBe(true)
  // What is kept in a pause has memory of its own.
  expect(memories).toBeLessThan(pieces / 2)
})

test('what is not lent is whoever’s who takes it', async () => {
  const { bytes, memories, pieces } = await received(false)
  expect(bytes.equals(sent)).toBe(true)
  expect(memories).toBe(pieces)
})
