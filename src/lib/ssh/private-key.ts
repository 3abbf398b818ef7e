import { statSync } from 'node:fs'
import { utils } from 'ssh2'
import { DockerBashError, messageOf } from '../errors'
import { FileRefused, readBoundedText, whyUnread } from '../files/bounded'
import { isInside, readIfThere, readOwn } from '../files/data-files'
import { type PublicKey, parsePublic, typeOf } from './fingerprint'
import { fromPkcs8, isPkcs8, isSealedPkcs8 } from './pkcs8'

/** What signs; what `ssh2` takes for a key. */
export interface Signer {
  /** @param hash for RSA: sha256 or sha512 */
  sign(data: Buffer, hash: string | undefined): Buffer
}

/** A private key's file as far as it can be read without its passphrase. */
export interface PrivateFile {
  readonly path: string
  readonly encrypted: boolean
  readonly public?: PublicKey
  /** @throws DockerBashError for a wrong passphrase */
  unlock(passphrase?: string): Unlocked
}

export type Unlocked = Signer & { readonly public: PublicKey }

/** The file holds a public key where a private one is wanted. */
export class IsPublic extends DockerBashError {
  readonly key: PublicKey

  constructor(path: string, key: PublicKey) {
    super(`cannot use the key ${path}: it is a public key`, {
      hint: `name the private one: ${path.replace(/\.pub$/, '')}`,
    })
    this.key = key
  }
}

const limit = 64 * 1024

/**
 * A private key: OpenSSH's format, PEM with PKCS#8, or PuTTY's. Nothing of it ever gets into a message.
 * @throws DockerBashError when it is none
 */
export function openPrivate(path: string): PrivateFile {
  return parsePrivate(path, readKeyText(path))
}

/** The same for the text of a file that has been read. */
export function parsePrivate(path: string, text: string): PrivateFile {
  const parsed = parse(text)
  const half = parsePublic(text.split('\n')[0] ?? '')
  if (half) throw new IsPublic(path, half)
  if (parsed && !(parsed instanceof Error)) {
    const key = publicOf(parsed)
    return { path, encrypted: false, public: key, unlock: () => signer(parsed) }
  }
  if (!(parsed instanceof Error) || !/encrypted/i.test(parsed.message)) {
    throw unusable(
      path,
      'it is not a private key in a known format',
      'OpenSSH, PEM (PKCS#8 too) and PuTTY files are understood',
    )
  }
  if (isLockedOtherwise(text)) {
    const hint = `lock it in another way (ssh-keygen -p -Z aes256-ctr -f ${path}), or use the agent: ssh-add`
    throw unusable(path, 'it is locked with chacha20-poly1305, which is not understood here', hint)
  }
  const known = headOf(text) ?? parsePublic(readIfThere(`${path}.pub`)?.split('\n')[0] ?? '')
  return {
    path,
    encrypted: true,
    ...(known && { public: known }),
    unlock: (passphrase) => {
      const key = parse(text, passphrase)
      if (!key || key instanceof Error) {
        throw new DockerBashError(`that is not the passphrase of ${path}`, {
          hint: 'try again, or use the agent: ssh-add',
        })
      }
      return signer(key)
    },
  }
}

/** @throws DockerBashError when there is no such file, or it cannot be a key; in our own folder, when it is not ours */
export function readKeyText(path: string): string {
  const known = 'docker-bash key list shows keys of ours; ssh-keygen or docker-bash key generate makes one'
  if (isInside(path)) {
    const text = readOwn(path)
    if (text !== undefined) return text
    throw unusable(path, 'there is no such file', known)
  }
  try {
    return readBoundedText(path, { most: limit })
  } catch (error) {
    const refused = error instanceof FileRefused
    throw unusable(path, whyUnread(error), refused ? 'name a private key with --identity' : known)
  }
}

/** What signs with a private key that has no passphrase; undefined for what is not one. */
export function signerOf(text: string): Unlocked | undefined {
  const key = parse(text)
  return key && !(key instanceof Error) ? signer(key) : undefined
}

/** Others can read it, so others may have it. */
export function isExposed(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0
}

type Parsed = Exclude<ReturnType<typeof utils.parseKey>, Error>

function parse(text: string, passphrase?: string): Parsed | Error | undefined {
  const found: unknown = isPkcs8(text) ? parsePkcs8(text, passphrase) : utils.parseKey(text, passphrase)
  // Its types leave out that the OpenSSH format gives a list.
  const key = (Array.isArray(found) ? found[0] : found) as Parsed | Error
  return key instanceof Error || key.isPrivateKey() ? key : undefined
}

function parsePkcs8(text: string, passphrase?: string): unknown {
  if (isSealedPkcs8(text) && passphrase === undefined) return new Error('encrypted')
  try {
    const known = fromPkcs8(text, passphrase)
    return known === undefined ? new Error('of no kind that SSH has') : utils.parseKey(known)
  } catch (error) {
    return new Error(messageOf(error))
  }
}

/** The one cipher of OpenSSH's format that ssh2 lacks. */
const lacking = 'chacha20-poly1305@openssh.com'

function isLockedOtherwise(text: string): boolean {
  return Buffer.from(bodyOf(text), 'base64').includes(lacking)
}

function bodyOf(text: string): string {
  return text.split('-----BEGIN OPENSSH PRIVATE KEY-----', 2)[1]?.split('-----END', 1)[0] ?? ''
}

function publicOf(key: Parsed): PublicKey {
  return { type: key.type, blob: key.getPublicSSH(), comment: key.comment }
}

function signer(key: Parsed) {
  return {
    public: publicOf(key),
    sign: (data: Buffer, hash: string | undefined) => {
      const signature: unknown = key.sign(data, hash)
      if (!Buffer.isBuffer(signature))
        throw new DockerBashError('the key does not sign', { hint: 'make another: docker-bash key generate' })
      return signature
    },
  }
}

/** The public half stands unencrypted in OpenSSH's format (PROTOCOL.key). */
function headOf(text: string): PublicKey | undefined {
  const bytes = Buffer.from(bodyOf(text), 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined
  try {
    let at = magic.length
    const next = () => {
      const length = bytes.readUInt32BE(at)
      at += 4 + length
      return bytes.subarray(at - length, at)
    }
    next()
    next()
    next()
    at += 4
    const blob = next()
    const type = typeOf(blob)
    return type ? { type, blob: Buffer.from(blob), comment: '' } : undefined
  } catch {
    return undefined
  }
}

function unusable(path: string, why: string, hint: string): DockerBashError {
  return new DockerBashError(`cannot use the key ${path}: ${why}`, { hint })
}
