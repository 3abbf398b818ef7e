import { createCipheriv, generateKeyPairSync, randomBytes } from 'node:crypto'
import { pbkdf } from 'bcrypt-pbkdf'
import type { PublicKey } from './fingerprint'

/** A new pair, as text for its files. */
export interface NewPair {
  readonly private: string
  readonly public: PublicKey
}

const type = 'ssh-ed25519'
/** As ssh-keygen has them; the rounds cost a guesser as much as us. */
const cipher = { name: 'aes256-ctr', block: 16, key: 32, iv: 16, rounds: 24, salt: 16 } as const

/**
 * An ed25519 key in OpenSSH's own format (openssh-key-v1). node:crypto makes the key; ssh2's generator has written
 * malformed files.
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export function newPair(comment: string, passphrase?: string): NewPair {
  // Written out as it is made. To export it as JWK later waits for ever, in Node 20, if garbage is collected meanwhile:
  // what made the key is let go of then, and wants the key's lock.
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  // RFC 8410: heads of a fixed length, then the 32 bytes.
  if (publicKey.length !== 12 + 32 || privateKey.length !== 16 + 32) throw new Error('a malformed key was made')
  const point = publicKey.subarray(12)
  const seed = privateKey.subarray(16)
  const blob = Buffer.concat([string(type), string(point)])
  return { private: ed25519File(seed, point, comment, passphrase), public: { type, blob, comment } }
}

/** @param seed the private half's 32 bytes @param point the public half's */
export function ed25519File(seed: Buffer, point: Buffer, comment = '', passphrase?: string): string {
  const blob = Buffer.concat([string(type), string(point)])
  const secret = [string(type), string(point), string(Buffer.concat([seed, point]))]
  return opensshFile(blob, secret, comment, passphrase)
}

/** @param secret what the format wants of this type of key: its name first, then its numbers */
export function opensshFile(blob: Buffer, secret: readonly Buffer[], comment: string, passphrase?: string): string {
  const check = randomBytes(4)
  const block = passphrase ? cipher.block : 8
  const plain = Buffer.concat([check, check, ...secret, string(comment)])
  const padding = Buffer.from(Array.from({ length: (block - (plain.length % block)) % block }, (_, index) => index + 1))
  const { names, body } = sealed(Buffer.concat([plain, padding]), passphrase)
  const bytes = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...names, uint32(1), string(blob), string(body)])
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

function sealed(plain: Buffer, passphrase: string | undefined): { names: Buffer[]; body: Buffer } {
  if (!passphrase) return { names: [string('none'), string('none'), string('')], body: plain }
  const salt = randomBytes(cipher.salt)
  const secret = Buffer.alloc(cipher.key + cipher.iv)
  const words = Buffer.from(passphrase)
  if (pbkdf(words, words.length, salt, salt.length, secret, secret.length, cipher.rounds) !== 0)
    throw new Error('bcrypt failed')
  const sealing = createCipheriv('aes-256-ctr', secret.subarray(0, cipher.key), secret.subarray(cipher.key))
  const options = Buffer.concat([string(salt), uint32(cipher.rounds)])
  return {
    names: [string(cipher.name), string('bcrypt'), string(options)],
    body: Buffer.concat([sealing.update(plain), sealing.final()]),
  }
}

/** SSH's `string`: its length, then its bytes. */
export function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
