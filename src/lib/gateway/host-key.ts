import { linkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { createPrivate, dataFolder, readOwn, requireOurs, writePrivate } from '../files/data-files'
import { formatPublic, type PublicKey, parsePublic } from '../ssh/fingerprint'
import { newPair } from '../ssh/openssh-format'
import { quote } from '../text/quote'

/** The name that our server has in `known_hosts`, whichever container it leads to. */
export const alias = 'docker-bash'

const folder = () => join(dataFolder(), 'gateway')
const keyPath = () => join(folder(), 'host_ed25519')

/** Clients find our server's key in it, before they have ever seen the server. */
export function knownHostsPath(): string {
  return join(folder(), 'known_hosts')
}

/**
 * The private key of our SSH server, one for this user: made at the first use, 0600 from birth, never replaced.
 * @throws DockerBashError when it is another user's, or damaged
 */
export function hostKey(): string {
  requireOurs()
  const text = readOwn(keyPath()) ?? make()
  const known = knownHosts(text)
  if (readOwn(knownHostsPath()) !== known) writePrivate(knownHostsPath(), known)
  return text
}

/** Whole from the moment it has its name: who finds it finds all of it. */
function make(): string {
  const partial = `${keyPath()}.${process.pid}.tmp`
  rmSync(partial, { force: true })
  createPrivate(partial, newPair(alias).private)
  try {
    linkSync(partial, keyPath())
  } catch (error) {
    // Somebody was faster.
    if (errno(error) !== 'EEXIST') throw error
  } finally {
    rmSync(partial, { force: true })
  }
  return readOwn(keyPath()) ?? ''
}

function knownHosts(text: string): string {
  const key = publicOf(text)
  if (key) return `${alias} ${formatPublic({ ...key, comment: '' })}\n`
  throw new DockerBashError(`${keyPath()} is damaged: it is not an ed25519 key`, {
    hint: `a new one is made once it is gone: rm ${quote(keyPath())}`,
  })
}

/** The public half, which openssh-key-v1 has in front of the private one: after three names and a count. */
function publicOf(text: string): PublicKey | undefined {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([\w+/=\n]+)-----END/.exec(text)?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  const at = Buffer.from('openssh-key-v1\0').length + 4 + 4 + 4 + 4 + 4 + 4
  const size = bytes.length > at + 4 ? bytes.readUInt32BE(at) : 0
  const blob = bytes.subarray(at + 4, at + 4 + size)
  return size === 51 && blob.length === size ? parsePublic(`ssh-ed25519 ${blob.toString('base64')}`) : undefined
}
