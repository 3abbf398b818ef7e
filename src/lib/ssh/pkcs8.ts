import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { ed25519File } from './openssh-format'

/** Whether a file is PKCS#8, plain or encrypted, as OpenSSL and cloud consoles write it. */
export function isPkcs8(text: string): boolean {
  return /^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----$/m.test(text)
}

/** It wants a passphrase. */
export function isSealedPkcs8(text: string): boolean {
  return text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')
}

/**
 * The same key in a format that ssh2 reads.
 * @throws an error of node:crypto's for a wrong passphrase, or what is not a key
 */
export function fromPkcs8(text: string, passphrase?: string): string | undefined {
  const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
  if (key.asymmetricKeyType === 'rsa') return pem(key, 'pkcs1')
  if (key.asymmetricKeyType === 'ec') return pem(key, 'sec1')
  if (key.asymmetricKeyType !== 'ed25519') return undefined
  // RFC 8410: heads of a fixed length, then the 32 bytes.
  const seed = key.export({ type: 'pkcs8', format: 'der' }).subarray(16, 48)
  const point = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(12)
  return ed25519File(seed, point)
}

function pem(key: KeyObject, type: 'pkcs1' | 'sec1'): string {
  return key.export({ type, format: 'pem' }).toString()
}
