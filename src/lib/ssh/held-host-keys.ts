import { randomBytes } from 'node:crypto'
import { utils } from 'ssh2'
import type { Engine } from '../engine/engine'
import { runInside } from '../engine/run'
import { formatPublic, type PublicKey } from './fingerprint'
import script from './held-host-keys.sh'
import { type PinnedHost, pin } from './known-hosts'
import { survey } from './survey'

/** Bytes of one private host key, and how many are looked at. */
const limit = 16 * 1024
const most = 8

/**
 * Those of a container's pinned host keys whose private halves are in it. That it prints another one's public half does
 * not make it that one's server; who holds the private half is who answers with it. Found out once, and noted in the pin,
 * which from then on has no others.
 * @returns none when that cannot be seen: no shell in it, or keys that are in no file
 */
export async function heldKeys(engine: Engine, host: PinnedHost): Promise<readonly PublicKey[]> {
  if (host.held) return host.hostKeys
  const paths = new Set((await survey(engine, host.id)).settings.get('hostkey') ?? usual)
  const command = ['/bin/sh', '-c', script, 'sh', String(limit), ...[...paths].slice(0, most)]
  const { stdout } = await runInside(engine, host.id, command, { limit: most * limit * 2 })
  const files = stdout.toString('latin1').split('\n')
  const hostKeys = host.hostKeys.filter((key) => files.some((file) => fits(Buffer.from(file, 'base64'), key)))
  stdout.fill(0)
  if (hostKeys.length > 0) pin({ ...host, hostKeys, held: true })
  return hostKeys
}

const usual = ['ed25519', 'ecdsa', 'rsa'].map((kind) => `/etc/ssh/ssh_host_${kind}_key`)

/** A private half fits when it signs what the public one verifies: the file may hold whatever public one it likes. */
function fits(secret: Buffer, key: PublicKey): boolean {
  try {
    const [own, known] = [utils.parseKey(secret), utils.parseKey(formatPublic({ ...key, comment: '' }))]
    if (own instanceof Error || known instanceof Error) return false
    const data = randomBytes(32)
    // SHA-1, which is ssh2's default for RSA, is forbidden on some hosts.
    const hash = known.type === 'ssh-rsa' ? 'sha256' : undefined
    return known.verify(data, own.sign(data, hash), hash) === true
  } catch {
    return false
  } finally {
    secret.fill(0)
  }
}
