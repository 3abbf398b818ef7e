import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { argon2d, argon2i, argon2id } from '@noble/hashes/argon2'
import { DockerBashError } from '../errors'
import { type PublicKey, typeOf } from './fingerprint'
import { opensshFile, string } from './openssh-format'

/** PuTTY's own file, version 2 or 3. */
export function isPutty(text: string): boolean {
  return /^PuTTY-User-Key-File-\d+: /.test(text)
}

interface Putty {
  readonly version: number
  readonly type: string
  readonly encrypted: boolean
  readonly comment: string
  readonly public: Buffer
  readonly private: Buffer
  readonly header: ReadonlyMap<string, string>
}

/**
 * Reads PuTTY's format and writes the same key in OpenSSH's, locked with the same passphrase.
 * @see https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html
 * @throws DockerBashError for a wrong passphrase, a damaged file, a type of key that is not known
 */
export async function readPutty(
  text: string,
  path: string,
  ask: (path: string) => Promise<string>,
): Promise<{ private: string; public: PublicKey }> {
  const file = parse(text)
  const bad = (why: string) =>
    new DockerBashError(`cannot use the key ${path}: ${why}`, { hint: 'export it from PuTTYgen in OpenSSH’s format' })
  if (!file) throw bad('it is damaged')
  const passphrase = file.encrypted ? await ask(path) : ''
  const { key, iv, mac } = secrets(file, passphrase)
  const plain = file.encrypted ? decrypt(file.private, key, iv) : file.private
  const covered = [file.type, file.header.get('Encryption') ?? '', file.comment, file.public, plain].map(string)
  const sum = createHmac(file.version === 2 ? 'sha1' : 'sha256', mac)
    .update(Buffer.concat(covered))
    .digest()
  const said = Buffer.from(file.header.get('Private-MAC') ?? '', 'hex')
  if (sum.length !== said.length || !timingSafeEqual(sum, said)) {
    throw bad(file.encrypted ? 'the passphrase is wrong, or it is damaged' : 'it is damaged')
  }
  const numbers = secretOf(file.type, strings(file.public).slice(1), strings(plain))
  if (!numbers || typeOf(file.public) !== file.type) throw bad(`its type, ${file.type}, is not known`)
  const half = { type: file.type, blob: file.public, comment: file.comment }
  return {
    private: opensshFile(file.public, [string(file.type), ...numbers], file.comment, passphrase || undefined),
    public: half,
  }
}

function parse(text: string): Putty | undefined {
  const lines = text.split(/\r?\n/)
  const header = new Map<string, string>()
  const blocks = new Map<string, Buffer>()
  for (let at = 0; at < lines.length; at++) {
    const [, name, value] = /^([A-Za-z0-9-]+): (.*)$/.exec(lines[at] ?? '') ?? []
    if (name === undefined || value === undefined) continue
    header.set(name, value)
    if (!/^(Public|Private)-Lines$/.test(name)) continue
    const count = Math.min(Number(value), 1000)
    blocks.set(name, Buffer.from(lines.slice(at + 1, at + 1 + count).join(''), 'base64'))
    at += count
  }
  const first = [...header.keys()][0] ?? ''
  const version = Number(/^PuTTY-User-Key-File-([23])$/.exec(first)?.[1])
  const [half, secret] = [blocks.get('Public-Lines'), blocks.get('Private-Lines')]
  if (!version || !half || !secret) return undefined
  const encrypted = header.get('Encryption') === 'aes256-cbc'
  return {
    version,
    type: header.get(first) ?? '',
    encrypted,
    comment: header.get('Comment') ?? '',
    public: half,
    private: secret,
    header,
  }
}

function secrets(file: Putty, passphrase: string): { key: Buffer; iv: Buffer; mac: Buffer } {
  if (file.version === 2) {
    const sha1 = (...parts: Array<Buffer | string>) =>
      createHash('sha1')
        .update(Buffer.concat(parts.map((one) => Buffer.from(one))))
        .digest()
    const half = (number: number) => sha1(Buffer.from([0, 0, 0, number]), passphrase)
    return {
      key: Buffer.concat([half(0), half(1)]).subarray(0, 32),
      iv: Buffer.alloc(16),
      mac: sha1('putty-private-key-file-mac-key', passphrase),
    }
  }
  if (!file.encrypted) return { key: Buffer.alloc(0), iv: Buffer.alloc(0), mac: Buffer.alloc(0) }
  const number = (name: string, most: number) => Math.min(Number(file.header.get(name) ?? 0), most)
  const salt = Buffer.from(file.header.get('Argon2-Salt') ?? '', 'hex')
  const derive =
    { Argon2id: argon2id, Argon2i: argon2i, Argon2d: argon2d }[file.header.get('Key-Derivation') ?? ''] ?? argon2id
  const options = {
    m: number('Argon2-Memory', 1024 * 1024),
    t: number('Argon2-Passes', 1000),
    p: number('Argon2-Parallelism', 16),
    dkLen: 80,
  }
  const bytes = Buffer.from(derive(Buffer.from(passphrase), salt, options))
  return { key: bytes.subarray(0, 32), iv: bytes.subarray(32, 48), mac: bytes.subarray(48) }
}

function decrypt(bytes: Buffer, key: Buffer, iv: Buffer): Buffer {
  const opening = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([opening.update(bytes), opening.final()])
}

/** The numbers in OpenSSH's order, from PuTTY's. Each is an SSH string in both. */
function secretOf(type: string, half: readonly Buffer[], secret: readonly Buffer[]): Buffer[] | undefined {
  const [one, two, three, four] = secret
  const [a, b] = half
  if (type === 'ssh-rsa' && a && b && one && two && three && four) return [b, a, one, four, two, three].map(string)
  if (type.startsWith('ecdsa-') && a && b && one) return [a, b, one].map(string)
  if (type === 'ssh-ed25519' && a && one) return [string(a), string(Buffer.concat([one.subarray(0, 32), a]))]
  return undefined
}

/** SSH strings one after the other; what is cut off at the end is padding. */
function strings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    found.push(bytes.subarray(at + 4, end))
    at = end
  }
  return found
}
