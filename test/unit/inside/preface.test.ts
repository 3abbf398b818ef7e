import { Preface } from '../../../src/lib/inside/preface'

const tag = 'docker-bash:0123456789ab'
const line = `${tag} 12 0\n`

test('the barrier’s line is found, whole or in pieces, behind whatever came before', () => {
  expect(new Preface(tag, 'web').take(Buffer.from(`${line}after`))).toEqual({
    ...{ word: { pid: 12, status: 0 }, line, before: Buffer.alloc(0), behind: Buffer.from('after') },
  })
  const preface = new Preface(tag, 'web')
  const bytes = Buffer.from(`ld.so: noise\nand more: ${line}`)
  const reads = [...bytes].map((byte) => preface.take(Buffer.from([byte])))
  expect(reads.slice(0, -1).every((read) => read === undefined)).toBe(true)
  expect(reads.at(-1)).toMatchObject({ word: { pid: 12, status: 0 }, before: Buffer.from('ld.so: noise\nand more: ') })
  expect(preface.toString()).toBe(bytes.toString())
})

test('its bytes are its own', () => {
  const preface = new Preface(tag, 'web')
  const chunk = Buffer.from('noise')
  preface.take(chunk)
  chunk.fill('x')
  expect(preface.toString()).toBe('noise')
})

test('a flood is refused, however it comes', () => {
  const inOne = () => new Preface(tag, 'web').take(Buffer.alloc(1024 * 1024 + 1))
  expect(inOne).toThrow('more than 1 MiB came from web before the command began')
  // The worst there is: each byte a line of its own. Searching all of it each time would take minutes.
  const preface = new Preface(tag, 'web')
  const byByte = () => {
    for (let byte = 0; byte <= 1024 * 1024; byte++) preface.take(Buffer.from('\n'))
  }
  const from = performance.now()
  expect(byByte).toThrow('more than 1 MiB')
  expect(performance.now() - from).toBeLessThan(10_000)
})
