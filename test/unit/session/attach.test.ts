import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import type { Ending, Session } from '../../../src/lib/model'
import { attach } from '../../../src/lib/session/attach'

/** A session whose streams are ours to fill, and that is told what happens to it. */
function session(ended: Promise<Ending>, more: Partial<Session> = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const heard: string[] = []
  const made: Session = {
    stdin,
    stdout,
    stderr,
    signal: async (name) => void heard.push(name),
    ended,
    close: async () => void heard.push('close'),
    ...more,
  }
  return { made, stdin, stdout, stderr, heard }
}

/** A stream of ours that keeps what it gets, or fails with this error's code. */
function ours(code?: string) {
  const got: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      got.push(chunk)
      done(code === undefined ? undefined : Object.assign(new Error('cannot'), { code }))
    },
  })
  return { stream, text: () => Buffer.concat(got).toString() }
}

const deaf = () => () => undefined

test('all output is written before the ending is told, each stream to its own', async () => {
  const { made, stdin, stdout, stderr, heard } = session(Promise.resolve({ code: 7 }))
  const [out, err] = [ours(), ours()]
  const input = { stdin: Readable.from([Buffer.from('in')]), stdout: out.stream, stderr: err.stream }
  const ending = attach(made, input, deaf)
  let given = ''
  for await (const chunk of stdin) given += chunk
  stdout.end('out')
  stderr.end('err')
  expect(await ending).toEqual({ code: 7 })
  expect([given, out.text(), err.text(), heard]).toEqual(['in', 'out', 'err', ['close']])
})

test('a session that was over before anybody listened has an ending', async () => {
  const { made, stdin, stdout, stderr } = session(Promise.resolve({ code: 3 }))
  for (const stream of [stdout, stderr]) stream.resume().end()
  stdin.destroy()
  await Promise.all([once(stdout, 'close'), once(stderr, 'close')])
  const ending = await attach(made, { stdin: Readable.from(['x']), stdout: ours().stream, stderr: ours().stream })
  expect(ending).toEqual({ code: 3 })
})

test('without an input of ours the command’s ends at once', async () => {
  const { made, stdin, stdout, stderr } = session(Promise.resolve({ code: 0 }))
  const ending = attach(made, { stdout: ours().stream, stderr: ours().stream }, deaf)
  expect(stdin.writableEnded).toBe(true)
  stdout.end()
  stderr.end()
  await ending
})

test('signals are passed on until it ends', async () => {
  const { made, stdout, stderr, heard } = session(Promise.resolve({ signal: 'SIGTERM' }))
  let tell: (name: NodeJS.Signals) => void = () => undefined
  let stopped = false
  const hear = (listener: (name: NodeJS.Signals) => void) => {
    tell = listener
    return () => {
      stopped = true
    }
  }
  const ending = attach(made, { stdout: ours().stream, stderr: ours().stream }, hear)
  tell('SIGTERM')
  stdout.end()
  stderr.end()
  expect(await ending).toEqual({ signal: 'SIGTERM' })
  expect([heard, stopped]).toEqual([['SIGTERM', 'close'], true])
})

test('a reader who left is an ending: the session is ended for it, and what still comes holds nothing up', async () => {
  const { made, stdout, stderr, heard } = session(Promise.resolve({ code: 0 }))
  const ending = attach(made, { stdout: ours('EPIPE').stream, stderr: ours().stream }, deaf)
  stdout.write('for nobody')
  stdout.write(Buffer.alloc(1_000_000))
  stdout.end()
  stderr.end()
  expect(await ending).toEqual({ signal: 'SIGPIPE' })
  expect(heard.filter((one) => one === 'close').length).toBeGreaterThanOrEqual(2)
})

test('an output that cannot be written is an error that says so', async () => {
  const { made, stdout, stderr } = session(Promise.resolve({ code: 0 }))
  const ending = attach(made, { stdout: ours('ENOSPC').stream, stderr: ours().stream }, deaf)
  stdout.end('x')
  stderr.end()
  await expect(ending).rejects.toMatchObject({
    message: 'cannot write the output: cannot',
    hint: 'the command was ended',
  })
})

test('a command that never began: its reason, and the session is closed', async () => {
  const { made, stdout, stderr, heard } = session(Promise.reject(new Error('no such program')))
  made.ended.catch(() => undefined)
  const ending = attach(made, { stdout: ours().stream, stderr: ours().stream }, deaf)
  stdout.end()
  stderr.end()
  await expect(ending).rejects.toThrow('no such program')
  expect(heard).toEqual(['close'])
})

test('a command that takes no input any more, and an input that cannot be read, are not failures', async () => {
  const { made, stdin, stdout, stderr } = session(Promise.resolve({ code: 0 }))
  const input = new Readable({ read: () => undefined })
  const ending = attach(made, { stdin: input, stdout: ours().stream, stderr: ours().stream }, deaf)
  stdin.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }))
  stdout.end()
  stderr.end()
  expect(await ending).toEqual({ code: 0 })

  const other = session(Promise.resolve({ code: 1 }))
  const broken = new Readable({ read: () => undefined })
  const second = attach(other.made, { stdin: broken, stdout: ours().stream, stderr: ours().stream }, deaf)
  broken.destroy(new Error('EISDIR'))
  other.stdin.resume()
  await new Promise((ended) => other.stdin.once('end', ended))
  other.stdout.end()
  other.stderr.end()
  expect(await second).toEqual({ code: 1 })
})
