import { linkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { createPrivate, dataFolder, readOwn, requireOurs, writePrivate } from '../files/data-files'
import { fingerprint, formatPublic, type PublicKey, parsePublic } from '../ssh/fingerprint'
import { newPair } from '../ssh/openssh-format'
import { quote } from '../text/quote'

/** The name that our server has in `known_hosts`, whichever container it leads to. */
export const alias = 'docker-bash'

const folder = () => join(dataFolder(), 'gateway')
const pathOf = (which: Which) => join(folder(), which === 'proxy' ? 'host_ed25519' : 'listening_ed25519')

/**
 * The pipe of a proxy is private, and its key is pinned here by an alias. What listens has a key of its own, which others
 * pin by its address, and which can be made anew without them.
 */
type Which = 'proxy' | 'gateway'

/** Clients find our server's key in it, before they have ever seen the server. */
export function knownHostsPath(): string {
  return join(folder(), 'known_hosts')
}

/**
 * The private key of our SSH server, one for this user: made at the first use, 0600 from birth, never replaced.
 * @throws DockerBashError when it is another user's, or damaged
 */
export function hostKey(): string {
  const text = keyFor('proxy')
  const known = `${alias} ${publicLine(text, 'proxy')}\n`
  if (readOwn(knownHostsPath()) !== known) writePrivate(knownHostsPath(), known)
  return text
}

/** The same for what listens; and its public half, for people. @throws the same */
export function listeningKey(): { readonly text: string; readonly line: string; readonly fingerprint: string } {
  const text = keyFor('gateway')
  const line = publicLine(text, 'gateway')
  return { text, line, fingerprint: fingerprint(publicOf(text)?.blob ?? Buffer.alloc(0)) }
}

function keyFor(which: Which): string {
  requireOurs()
  return readOwn(pathOf(which)) ?? make(pathOf(which))
}

/** Whole from the moment it has its name: who finds it finds all of it. */
function make(path: string): string {
  const partial = `${path}.${process.pid}.tmp`
  rmSync(partial, { force: true })
  createPrivate(partial, newPair(alias).private)
  try {
    linkSync(partial, path)
  } catch (error) {
    // Somebody was faster.
    if (errno(error) !== 'EEXIST') throw error
  } finally {
    rmSync(partial, { force: true })
  }
  return readOwn(path) ?? ''
}

function publicLine(text: string, which: Which): string {
  const key = publicOf(text)
  if (key) return formatPublic({ ...key, comment: '' })
  throw new DockerBashError(`${pathOf(which)} is damaged: it is not an ed25519 key`, {
    hint: `a new one is made once it is gone: rm ${quote(pathOf(which))}`,
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
