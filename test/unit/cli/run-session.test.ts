/** What the flags and the words behind TARGET come to, before anything is asked of an engine. */
import { type RequestFlags, requestOf } from '../../../src/cli/run-session'
import type { Request } from '../../../src/lib/model'

/** As in a script: no terminal, no input. */
const none: RequestFlags = { tty: false, 'no-tty': false, 'no-stdin': true }
const asked = (flags: Partial<RequestFlags>, words: readonly string[] = ['true']) =>
  requestOf(words, { ...none, ...flags })

test.each<[Partial<RequestFlags>, Partial<Request>]>([
  [{}, { command: ['true'], env: [], tty: false, stdin: false }],
  [
    { user: 'app:5', workdir: '/srv' },
    { user: 'app:5', workdir: '/srv' },
  ],
  [{ env: ['A=1', 'B='] }, { env: ['A=1', 'B='] }],
  [{ script: '' }, { script: '' }],
  [{ via: 'runc' }, { via: 'runc' }],
  [
    { via: 'nsenter', helper: true },
    { via: 'nsenter', helper: true },
  ],
  [
    { tty: true, 'no-stdin': false },
    { tty: true, stdin: true },
  ],
  [
    { 'no-tty': true, 'no-stdin': false },
    { tty: false, stdin: true },
  ],
])('%j is %j', (flags, request) => {
  expect(asked(flags)).toMatchObject(request)
})

test('what was not asked for has no field', () => {
  expect(Object.keys(asked({ via: 'auto', user: '', helper: false }))).toEqual(Object.keys(asked({})))
  expect(asked({})).not.toHaveProperty('via')
})

test.each<[Partial<RequestFlags>, RegExp, RegExp]>([
  [{ workdir: 'srv' }, /^invalid folder "srv" for -w: not an absolute path$/, /-w \/srv$/],
  [{ helper: true }, /^--helper is for --via nsenter only$/, /--via nsenter --helper TARGET$/],
])('%j is refused with a hint', (flags, message, hint) => {
  expect(() => asked(flags)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(message), hint: expect.stringMatching(hint), code: 125 }),
  )
})
