import { buffer } from 'node:stream/consumers'
import { Budget } from '../../../src/lib/session/budget'
import { Spool } from '../../../src/lib/session/spool'

const KiB = 1024
const limits = { memory: 1024 * KiB, file: 4096 * KiB }
const piece = (letter: string) => Buffer.alloc(128 * KiB, letter)

function filled(count: number, budget: Budget): Spool[] {
  const spools = Array.from({ length: count }, () => new Spool(limits, budget))
  for (let round = 0; round < 8; round++) for (const spool of spools) spool.put(piece('abcdefgh'[round] ?? ''))
  return spools
}

test('many together hold no more in memory than they may, and lose nothing', async () => {
  const budget = new Budget({ memory: 2048 * KiB, file: 1024 * 1024 * KiB })
  const added: number[] = []
  const add = budget.add.bind(budget)
  let memory = 0
  budget.add = (inMemory, inFile) => {
    memory += inMemory
    added.push(memory)
    add(inMemory, inFile)
  }
  const spools = filled(20, budget)
  // A share each is nobody's to take: 20 times 256 KiB.
  expect(Math.max(...added)).toBeLessThan((2048 + 20 * 256) * KiB)
  expect(spools.some(({ full }) => full)).toBe(false)
  const wanted = Buffer.concat([...'abcdefgh'].map(piece))
  for (const spool of spools) spool.finish()
  for (const bytes of await Promise.all(spools.map((spool) => buffer(spool)))) expect(bytes.equals(wanted)).toBe(true)
  expect(memory).toBe(0)
  expect(budget.isFull(Number.POSITIVE_INFINITY)).toBe(false)
})

test('past what they may hold together each is full but for its share, until somebody reads', async () => {
  const budget = new Budget({ memory: 512 * KiB, file: 512 * KiB })
  const [first, second] = filled(2, budget) as [Spool, Spool]
  const small = new Spool(limits, budget)
  small.put(piece('x'))
  expect([first.full, second.full, small.full]).toEqual([true, true, false])
  const room = new Promise((settle) => second.once('room', settle))
  first.destroy()
  second.on('data', () => undefined)
  await room
  expect(second.full).toBe(false)
})

test('what is given up is nobody’s any more', () => {
  const budget = new Budget({ memory: 64 * KiB, file: 64 * KiB })
  for (const spool of filled(3, budget)) spool.destroy()
  expect(budget.isFull(Number.POSITIVE_INFINITY)).toBe(false)
})
