import { createPublicKey } from 'node:crypto'
import { utils } from 'ssh2'
import { typeOf } from '../fingerprint'

/** Keys that a login can be shown by, and that we can verify: no certificates, no tokens (sk-*), no DSA. */
export const keyTypes = [
  'ssh-ed25519',
  ...['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  'ssh-rsa',
] as const

/** What they sign by: for RSA nothing with SHA-1. */
export const signatureAlgorithms = [...keyTypes.filter((type) => type !== 'ssh-rsa'), 'rsa-sha2-512', 'rsa-sha2-256']

/** In bits. */
const leastOfRsa = 2048
const mostOfRsa = 16384

interface Signed {
  readonly signature: Buffer
  /** What was signed. */
  readonly blob: Buffer
  /** RSA's; a client that leaves it out means SHA-1. */
  readonly hashAlgo: string | undefined
}

/** Why a key cannot be used by anybody, as a clause; undefined when it can. */
export function whyNotUsable(blob: Buffer): string | undefined {
  const type = typeOf(blob) ?? ''
  if (!keyTypes.some((known) => known === type)) return `keys of type ${type || 'unknown'} are not supported`
  const pem = pemOf(blob)
  if (pem === undefined) return `it is not a ${type} key`
  if (type !== 'ssh-rsa') return undefined
  const bits = createPublicKey(pem).asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < leastOfRsa) return `an RSA key of ${bits} bits is too short: ${leastOfRsa} at least`
  return bits > mostOfRsa ? `an RSA key of ${bits} bits is too long: ${mostOfRsa} at most` : undefined
}

/** @param blob the key's own bytes @param algo the type that it was used as */
export function isSignedBy(blob: Buffer, algo: string, { signature, blob: signed, hashAlgo }: Signed): boolean {
  const type = typeOf(blob)
  if (type !== algo || whyNotUsable(blob) !== undefined) return false
  if (type === 'ssh-rsa' && hashAlgo !== 'sha256' && hashAlgo !== 'sha512') return false
  const key = parsed(blob)
  return key !== undefined && key.verify(signed, signature, hashAlgo) === true
}

function pemOf(blob: Buffer): string | undefined {
  try {
    const pem = parsed(blob)?.getPublicPEM()
    if (pem) createPublicKey(pem)
    return pem || undefined
  } catch {
    // Not a point of the curve, or not a number.
    return undefined
  }
}

function parsed(blob: Buffer) {
  try {
    const key = utils.parseKey(`${typeOf(blob)} ${blob.toString('base64')}`)
    return key instanceof Error || Array.isArray(key) ? undefined : key
  } catch {
    return undefined
  }
}
