/** authorized_keys as sshd has it: what is kept, and what lets nobody in. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utils } from 'ssh2'
import { AuthorizedKeys, lineFor, readAuthorized } from '../../../src/lib/gateway/authorized/file'
import { parseLogin } from '../../../src/lib/gateway/login-name'
import { meantBy } from '../../../src/lib/gateway/meant'
import { everything, mayConnect, mayListen } from '../../../src/lib/gateway/permits'
import { formatPublic } from '../../../src/lib/ssh/fingerprint'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { isSignedBy, whyNotUsable } from '../../../src/lib/ssh/server/public-key'

const pair = newPair('me@here')
const key = formatPublic(pair.public)
const { blob } = pair.public

/** What a line with these options allows, or why it counts for nothing. */
function read(options: string) {
  const { entries, refused } = readAuthorized(`${options} ${key}`)
  return { entry: entries[0], why: refused[0]?.why }
}
const permits = (options: string) => read(options).entry?.permits
const tcp = (host: string, port: number) => ({ kind: 'tcp' as const, host, port })

test('keys, comments, blank lines, and the line of each', () => {
  const text = `# mine\n\n${key}\r\n  no-pty ${key} with blanks\nrestrict,command="echo \\"a b\\"" ${key}`
  const { entries, refused } = readAuthorized(text)
  expect(refused).toEqual([])
  expect(entries.map(({ line, key: { comment } }) => [line, comment])).toEqual([
    [3, 'me@here'],
    [4, 'me@here with blanks'],
    [5, 'me@here'],
  ])
  expect(entries[2]?.permits).toEqual({ terminal: false, agent: false, forwards: false, forced: 'echo "a b"' })
})

test.each([
  ['', everything],
  ['no-X11-forwarding,no-user-rc', everything],
  ['no-pty,NO-AGENT-FORWARDING', { ...everything, terminal: false, agent: false }],
  ['restrict,pty', { terminal: true, agent: false, forwards: false }],
  ['pty,restrict', { terminal: false, agent: false, forwards: false }],
  ['no-port-forwarding', { ...everything, forwards: false }],
  ['command="internal-sftp"', { ...everything, forced: { files: true } }],
])('%s', (options, expected) => {
  expect(permits(options)).toEqual(expected)
})

test.each([
  ['cert-authority', 'the option cert-authority is not supported'],
  ['principals="a"', 'the option principals is not supported'],
  ['tunnel="1"', 'the option tunnel is not supported'],
  ['environment="A=b"', 'the option environment is not supported'],
  ['no-touch-required', 'the option no-touch-required is not supported'],
  ['constructor', 'the option constructor is not supported'],
  ['no-such-option', 'the option no-such-option is not supported'],
  ['command', 'the option command is not written as sshd has it'],
  ['pty="yes"', 'the option pty is not written as sshd has it'],
  ['command="a",command="b"', 'it has two commands'],
  ['command="a\\",restrict', 'its options cannot be read'],
  ['restrict,', 'its options cannot be read'],
  ['restrict,,pty', 'its options cannot be read'],
  ['command="internal-sftp -R"', 'internal-sftp has no arguments here'],
  ['from="*.example.com"', 'from= has *.example.com, which is not an address'],
  ['from="10.0.0.0/33"', 'from= has 10.0.0.0/33, which is not an address'],
  ['from="!bad.host,*.*"', 'from= has bad.host, which is not an address'],
  ['from=""', 'from= has an empty part, which is not an address'],
  ['permitopen="80"', 'permitopen 80 has no host'],
  ['permitopen="a:0"', 'the place a:0 cannot be read'],
  ['permitlisten="0"', 'the place 0 cannot be read'],
  ['permitopen="a:99999"', 'the place a:99999 cannot be read'],
  ['expiry-time="soon"', 'its time soon cannot be read'],
])('%s lets nobody in', (options, why) => {
  expect(read(options)).toEqual({ entry: undefined, why })
})

test('keys that nobody here can verify, or should', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const { n = '', e = '' } = short.export({ format: 'jwk' }) as { n?: string; e?: string }
  const number = (text: string) => Buffer.concat([Buffer.from([0]), Buffer.from(text, 'base64url')])
  const string = (bytes: string | Buffer) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(Buffer.byteLength(bytes))
    return Buffer.concat([size, Buffer.from(bytes)])
  }
  const rsa = Buffer.concat([string('ssh-rsa'), string(Buffer.from(e, 'base64url')), string(number(n))])
  const token = Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(Buffer.alloc(32)), string('ssh:')])
  const lines = [`ssh-rsa ${rsa.toString('base64')}`, `sk-ssh-ed25519@openssh.com ${token.toString('base64')}`, 'hello']
  expect(readAuthorized(lines.join('\n')).refused.map(({ why }) => why)).toEqual([
    'an RSA key of 1024 bits is too short: 2048 at least',
    'keys of type sk-ssh-ed25519@openssh.com are not supported',
    'the option hello is not supported',
  ])
})

test('RSA signs by SHA-2 only', () => {
  const { private: text, public: line } = utils.generateKeyPairSync('rsa', { bits: 2048 })
  const bytes = Buffer.from(line.split(' ')[1] ?? '', 'base64')
  const parsed = utils.parseKey(text)
  if (parsed instanceof Error) throw parsed
  const by = (hash: string, hashAlgo: string | undefined) =>
    isSignedBy(bytes, 'ssh-rsa', {
      signature: createSign(hash).update('x').sign(parsed.getPrivatePEM()),
      blob: Buffer.from('x'),
      hashAlgo,
    })
  expect([by('sha512', 'sha512'), by('sha256', 'sha256'), by('sha1', undefined), by('sha1', 'sha1')]).toEqual([
    ...[true, true, false, false],
  ])
  expect(whyNotUsable(bytes)).toBeUndefined()
  // A key that is used as one of another kind.
  expect(isSignedBy(blob, 'ssh-rsa', { signature: Buffer.alloc(64), blob: Buffer.alloc(1), hashAlgo: 'sha256' })).toBe(
    false,
  )
})

test('from where, and until when', () => {
  const fits = (options: string, address: string, now = 0) =>
    lineFor(readAuthorized(`${options} ${key}`).entries, blob, address, now) !== undefined
  expect(fits('from="10.0.0.0/8,192.168.1.?"', '10.200.0.1')).toBe(true)
  expect(fits('from="10.0.0.0/8,192.168.1.?"', '192.168.1.7')).toBe(true)
  expect(fits('from="10.0.0.0/8,192.168.1.?"', '192.168.1.70')).toBe(false)
  expect(fits('from="10.0.0.0/8,!10.0.0.13"', '10.0.0.13')).toBe(false)
  expect(fits('from="!10.0.0.13"', '10.0.0.14')).toBe(false)
  expect(fits('from="2001:db8::/32"', '2001:db8:1::1')).toBe(true)
  expect(fits('from="127.0.0.1"', 'unix')).toBe(false)
  const until = Date.UTC(2030, 4, 6, 7, 8)
  expect(fits('expiry-time="203005060708Z"', 'unix', until - 1)).toBe(true)
  expect(fits('expiry-time="203005060708Z"', 'unix', until)).toBe(false)
  // A line that does not fit leaves the next one.
  expect(lineFor(readAuthorized(`from="10.0.0.1" ${key}\n${key}`).entries, blob, '10.0.0.2')?.line).toBe(2)
})

test('where connections may go, and where somebody may listen', () => {
  const open = permits('permitopen="db:5432",permitopen="[::1]:*",permitopen="*:80"') ?? everything
  expect([tcp('db', 5432), tcp('::1', 9), tcp('any', 80)].map((to) => mayConnect(open, to))).toEqual([true, true, true])
  expect([tcp('db', 5433), tcp('dbx', 5432)].map((to) => mayConnect(open, to))).toEqual([false, false])
  // A place is a port: a path is none.
  expect(mayConnect(open, { kind: 'unix', path: '/run/x' })).toBe(false)
  expect(mayListen(open, tcp('', 1))).toBe(true)
  const listen = permits('permitlisten="8080",permitlisten="local*:9000"') ?? everything
  expect([tcp('', 8080), tcp('localhost', 9000)].map((at) => mayListen(listen, at))).toEqual([true, true])
  expect([tcp('', 8081), tcp('127.0.0.1', 9000)].map((at) => mayListen(listen, at))).toEqual([false, false])
  expect(mayConnect(permits('restrict') ?? everything, tcp('db', 1))).toBe(false)
})

test('a command of the key’s is instead of whatever is asked for', () => {
  const forced = permits('command="backup"') ?? everything
  const command = Buffer.from('rm -r /')
  expect(meantBy({ kind: 'exec', command }, forced)).toEqual({
    ...{ kind: 'run', command: Buffer.from('backup'), env: ['SSH_ORIGINAL_COMMAND=rm -r /'] },
  })
  expect(meantBy({ kind: 'shell' }, forced)).toEqual({ kind: 'run', command: Buffer.from('backup'), env: [] })
  expect(meantBy({ kind: 'sftp' }, forced)).toMatchObject({ env: ['SSH_ORIGINAL_COMMAND=internal-sftp'] })
  const files = permits('command="internal-sftp"') ?? everything
  expect(meantBy({ kind: 'exec', command }, files)).toEqual({ kind: 'files' })
  expect(meantBy({ kind: 'shell' }, files)).toEqual({ kind: 'files' })
})

test('the file is read as it is now, and only if nobody else can have written it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorized-'))
  try {
    const path = join(folder, 'keys')
    const told: number[] = []
    const keys = new AuthorizedKeys(path, ({ line }) => told.push(line))
    expect(() => keys.read()).toThrow(`there is no file ${path}`)
    writeFileSync(path, `tunnel="0" ${key}\n${key}\n`, { mode: 0o600 })
    expect(keys.read().map(({ line }) => line)).toEqual([2])
    keys.read()
    expect(told).toEqual([1])
    writeFileSync(path, '')
    expect(keys.read()).toEqual([])
    chmodSync(path, 0o620)
    expect(() => keys.read()).toThrow(`${path} can be written by other users: it is not believed`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the login name: a user and a TARGET', () => {
  expect(parseLogin('web')).toEqual({ user: '', target: { kind: 'any', text: 'web' } })
  expect(parseLogin('app%web')).toEqual({ user: 'app', target: { kind: 'any', text: 'web' } })
  expect(parseLogin('%label:load=50%')).toEqual({
    ...{ user: '', target: { kind: 'label', text: 'label:load=50%', key: 'load', value: '50%' } },
  })
  expect(() => parseLogin('web%')).toThrow('the TARGET is empty')
})
