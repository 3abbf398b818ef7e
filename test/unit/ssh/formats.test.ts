import { execFileSync, spawnSync } from 'node:child_process'
import { verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { ensurePackages } from '../../../scripts/packages.mjs'
import { fingerprint, formatPublic, parsePublic } from '../../../src/lib/ssh/fingerprint'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { openPrivate } from '../../../src/lib/ssh/private-key'
import { isPutty, readPutty } from '../../../src/lib/ssh/putty-format'
import { temporary } from '../../support/temporary'

const folder = temporary('keys')
const keygen = (...args: string[]) =>
  execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const put = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const never = () => Promise.reject(new Error('nobody is asked'))

test('what is made, ssh-keygen and ssh2 read as the same key; a thousand of them', () => {
  for (let round = 0; round < 1000; round++) {
    const pair = newPair(`comment ${round}`)
    const path = put('made', pair.private)
    const file = openPrivate(path)
    expect(file.public?.blob.equals(pair.public.blob)).toBe(true)
    expect(file.unlock().sign(Buffer.from('x'), undefined)).toHaveLength(64)
    if (round < 20) expect(keygen('-yf', path).trim()).toBe(formatPublic(pair.public))
  }
})

test('making them waits for no garbage collector', () => {
  const entry = {
    contents: "import { newPair } from './src/lib/ssh/openssh-format'; for (let n = 0; n < 20000; n++) newPair('')",
  }
  const { outputFiles } = buildSync({
    stdin: { ...entry, resolveDir: join(__dirname, '../../..'), loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'node', format: 'cjs', packages: 'external' },
  })
  const program = put('made.cjs', outputFiles[0]?.text ?? '')
  // With little room for what is young it collects all the time; once in ten thousand of them, at the wrong one.
  const { status, signal } = spawnSync(process.execPath, ['--max-semi-space-size=1', program], {
    timeout: 170_000,
    env: { ...process.env, NODE_PATH: join(__dirname, '../../../node_modules') },
  })
  expect({ status, signal }).toEqual({ status: 0, signal: null })
})

test('with a passphrase it is locked, shows its public half, and opens for ssh-keygen and for us', () => {
  const pair = newPair('locked', 'päss word')
  const path = put('locked', pair.private)
  expect(keygen('-yf', path, '-P', 'päss word').trim()).toBe(formatPublic(pair.public))
  expect(() => keygen('-yf', path, '-P', 'wrong')).toThrow()
  const file = openPrivate(path)
  expect({ encrypted: file.encrypted, half: file.public?.blob.equals(pair.public.blob) }).toEqual({
    encrypted: true,
    half: true,
  })
  expect(() => file.unlock('wrong')).toThrow(/not the passphrase/)
  expect(file.unlock('päss word').public.blob.equals(pair.public.blob)).toBe(true)
})

test.each([
  ['ed25519', 'RFC4716', ''],
  ['rsa', 'PEM', ''],
  ['rsa', 'PEM', 'secret'],
  ['rsa', 'RFC4716', 'secret'],
  ['ecdsa', 'PEM', ''],
  ['rsa', 'PKCS8', ''],
  ['rsa', 'PKCS8', 'secret'],
  ['ecdsa', 'PKCS8', ''],
  ['ecdsa', 'PKCS8', 'secret'],
])('%s in %s, passphrase "%s", is read', (type, format, passphrase) => {
  const path = join(folder, `${type}-${format}-${passphrase}`)
  keygen('-q', '-t', type, '-m', format, '-N', passphrase, '-C', '', '-f', path)
  const half = parsePublic(readFileSync(`${path}.pub`, 'utf8'))
  const file = openPrivate(path)
  expect(file.encrypted).toBe(passphrase !== '')
  expect(file.unlock(passphrase).public.blob.equals(half?.blob ?? Buffer.alloc(0))).toBe(true)
})

test.each([[''], ['secret']])('ed25519 in PKCS#8, as OpenSSL writes it, passphrase "%s", is read', (passphrase) => {
  const path = join(folder, `openssl-${passphrase}`)
  const lock = passphrase ? ['-aes256', '-pass', `pass:${passphrase}`] : []
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', ...lock, '-out', path])
  const file = openPrivate(path)
  expect(file.encrypted).toBe(passphrase !== '')
  if (passphrase) expect(() => file.unlock('wrong')).toThrow(/not the passphrase/)
  const { public: half, sign } = file.unlock(passphrase)
  const spki = execFileSync('openssl', ['pkey', '-in', path, '-passin', `pass:${passphrase}`, '-pubout'])
  const signed = sign(Buffer.from('words'), undefined)
  expect(verify(null, Buffer.from('words'), spki, signed)).toBe(true)
  expect(half.type).toBe('ssh-ed25519')
})

test('one that is locked with chacha20-poly1305 is not called a wrong passphrase', () => {
  const path = join(folder, 'chacha')
  const lock = ['-Z', 'chacha20-poly1305@openssh.com', '-N', 'secret']
  keygen('-q', '-t', 'ed25519', ...lock, '-C', '', '-f', path)
  expect(() => openPrivate(path)).toThrow(/locked with chacha20-poly1305/)
})

describe('PuTTY', () => {
  // It keeps a seed in ~/.putty.
  const puttygen = (...args: string[]) =>
    execFileSync('puttygen', args, { encoding: 'utf8', env: { ...process.env, HOME: folder } })
  beforeAll(() => void ensurePackages({ puttygen: 'putty-tools' }), 120_000)
  const made = (type: string, version: string, passphrase: string) => {
    const path = join(folder, `${type}-${version}-${passphrase}.ppk`)
    const words = put('words', passphrase)
    const options = [
      '--ppk-param',
      `version=${version},memory=256,passes=2`,
      '--new-passphrase',
      words,
      '--random-device',
      '/dev/urandom',
    ]
    puttygen('-q', '-t', type, ...options, '-C', 'from windows', '-o', path)
    return path
  }

  test.each(
    ['ed25519', 'rsa', 'ecdsa'].flatMap((type) =>
      ['2', '3'].flatMap((version) => ['', 'secret'].map((word) => [type, version, word])),
    ),
  )(
    '%s, version %s, passphrase "%s", becomes the same key in OpenSSH’s format',
    async (type = '', version = '', passphrase = '') => {
      const path = made(type, version, passphrase)
      const text = readFileSync(path, 'utf8')
      expect(isPutty(text)).toBe(true)
      const key = await readPutty(text, path, passphrase ? async () => passphrase : never)
      const copy = put('copy', key.private)
      expect(keygen('-yf', copy, '-P', passphrase).trim().split(' ').slice(0, 2).join(' ')).toBe(
        `${key.public.type} ${key.public.blob.toString('base64')}`,
      )
      const said = puttygen('-O', 'public-openssh', path)
      expect(parsePublic(said.trim())?.blob.equals(key.public.blob)).toBe(true)
      if (passphrase) await expect(readPutty(text, path, async () => 'wrong')).rejects.toThrow(/passphrase is wrong/)
    },
  )

  test('a changed byte is found', async () => {
    const path = made('ed25519', '3', '')
    const text = readFileSync(path, 'utf8').replace(/Comment: from/, 'Comment: From')
    await expect(readPutty(text, path, never)).rejects.toThrow(/damaged/)
  })
})

test('fingerprints are ssh-keygen’s', () => {
  const pair = newPair('x')
  const path = put('fp.pub', formatPublic(pair.public))
  expect(keygen('-lf', path).split(' ')[1]).toBe(fingerprint(pair.public.blob))
})

test('what is not a private key is refused, and nothing of it is in the message', () => {
  const pair = newPair('x')
  const secret = pair.private.split('\n')[3] ?? ''
  const broken = put('broken', pair.private.replace('-----END', 'garbage\n-----END').replace(secret, secret.slice(4)))
  for (const path of [
    broken,
    put('pub', formatPublic(pair.public)),
    put('nothing', ''),
    folder,
    '/nosuch',
    '/dev/zero',
  ]) {
    expect(() => openPrivate(path)).toThrow(
      expect.objectContaining({ code: 125, message: expect.not.stringContaining(secret.slice(4)) }),
    )
  }
})
