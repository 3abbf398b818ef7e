/** A private key's file is read once in a run, and its passphrase asked for once. */
import fs from 'node:fs'
import { pathIn } from '../../../src/lib/files/data-files'
import { generateKey, newest, ownKey, ownKeys, requireKey, successorOf } from '../../../src/lib/keys/store'
import { fromFile, identity } from '../../../src/lib/ssh/candidates'
import { formatPublic } from '../../../src/lib/ssh/fingerprint'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { temporary } from '../../support/temporary'

/** How often a file is opened from now on. */
function opened(path: string): () => number {
  const spy = jest.spyOn(fs, 'openSync')
  return () => spy.mock.calls.filter(([name]) => name === path).length
}

const { XDG_DATA_HOME: before } = process.env
beforeEach(() => {
  process.env.XDG_DATA_HOME = temporary('data')
})
afterEach(() => {
  jest.restoreAllMocks()
  if (before === undefined) delete process.env.XDG_DATA_HOME
  else process.env.XDG_DATA_HOME = before
})

const data = Buffer.from('what is signed')

test('a key of ours that is listed, wanted by name and tried twice is read once and unlocked once', async () => {
  generateKey('work', 'secret')
  const path = pathIn('keys', 'work')
  const times = opened(path)
  expect(ownKeys().map(({ name }) => name)).toEqual(['work'])
  expect(requireKey('work')).toMatchObject({ encrypted: true, path })
  expect(newest('work')).toEqual(ownKey('work'))
  expect(successorOf('work')).toBe('work.2')
  const answers = ['wrong', 'secret']
  const ask = jest.fn(async () => answers.shift() ?? 'no more')
  const both = await Promise.all([fromFile(path, ask), fromFile(path, ask)])
  const signed = await Promise.all(both.map((one) => one.sign(data, undefined)))
  await (await fromFile(path, ask)).sign(data, undefined)
  expect(signed[0]).toEqual(signed[1])
  // The wrong one and the right one, however many wait for it.
  expect(ask).toHaveBeenCalledTimes(2)
  expect(times()).toBe(1)
})

test('one that nobody can unlock is asked for three times, not three times for each container', async () => {
  generateKey('work', 'secret')
  const ask = jest.fn(async () => 'wrong')
  const all = Array.from({ length: 4 }, async () => (await fromFile(pathIn('keys', 'work'), ask)).sign(data, undefined))
  for (const one of await Promise.allSettled(all)) {
    expect(one).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching('not the passphrase') } })
  }
  expect(ask).toHaveBeenCalledTimes(3)
})

test('a key that --identity names is read once, too; a public one is told as such', async () => {
  const folder = temporary('identity')
  const { private: secret, public: half } = newPair('of a test')
  const path = `${folder}/id`
  fs.writeFileSync(path, secret, { mode: 0o600 })
  fs.writeFileSync(`${path}.pub`, `${formatPublic(half)}\n`)
  const times = opened(path)
  const ask = async () => ''
  await (await identity(path, undefined, ask)).sign(data, undefined)
  await (await identity(path, undefined, ask)).sign(data, undefined)
  expect(times()).toBe(1)
  await expect(identity(`${path}.pub`, undefined, ask)).rejects.toMatchObject({
    message: expect.stringMatching(/is a public key, and the agent does not hold/),
  })
})
