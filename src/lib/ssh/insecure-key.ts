import { readSmallFile } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { authorizedPaths, parseAuthorized, readAuthorized } from './authorized'
import { type PublicKey, parsePublic } from './fingerprint'
import { type Signer, signerOf } from './private-key'
import { type Survey, survey } from './survey'

/** Where phusion's image, and those made like it, keep the key that everybody has. */
const privatePath = '/etc/insecure_key'

/**
 * The image's insecure key, if it is really the one that lets a user in: both of its halves are in the image, they fit
 * each other, and the public one is in a file that sshd reads for that user.
 */
export async function insecureKey(
  engine: Engine,
  container: string,
  user: string,
): Promise<(Signer & { public: PublicKey }) | undefined> {
  const [secret, half] = await Promise.all(
    [privatePath, `${privatePath}.pub`].map((path) => readSmallFile(engine, container, path, 16 * 1024)),
  )
  const known = parsePublic(half?.toString().split('\n')[0] ?? '')
  if (!secret || !known) return undefined
  const key = signerOf(secret.toString())
  if (!key?.public.blob.equals(known.blob)) return undefined
  const asked = await survey(engine, container, user)
  if (!asked.login) return undefined
  const files = await readAuthorized(engine, container, authorizedPaths(asked, asked.login))
  const installed = files.some(({ text }) => parseAuthorized(text).some((one) => one.key.blob.equals(known.blob)))
  return installed ? { public: known, sign: key.sign } : undefined
}

export interface InsecureState {
  readonly inImage: boolean
  /** It lets somebody log in as root. */
  readonly enabled: boolean
}

/** Whether the image has a key that everybody has, and whether it is let in. */
export async function insecureState(engine: Engine, id: string, known?: Survey): Promise<InsecureState> {
  const asked = known ?? (await survey(engine, id))
  const { insecure, login } = asked
  if (!insecure || !login) return { inImage: insecure !== undefined, enabled: false }
  const files = await readAuthorized(engine, id, authorizedPaths(asked, login))
  const enabled = files.some(({ text }) => parseAuthorized(text).some(({ key }) => key.blob.equals(insecure.blob)))
  return { inImage: true, enabled }
}
