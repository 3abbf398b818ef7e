import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError } from '../errors'
import { readBoundedText, whyUnread } from '../files/bounded'
import { faultAt } from '../files/way'
import { newest, usualName } from '../keys/store'
import { type PublicKey, parsePublic } from '../ssh/fingerprint'

/** @throws DockerBashError for a file that is no public key; a private one is not looked into any further */
export function readPublic(path: string): PublicKey {
  let text: string
  try {
    text = readBoundedText(path, { most: 64 * 1024 })
  } catch (cause) {
    throw new DockerBashError(`cannot read ${path}: ${whyUnread(cause)}`, {
      hint: '--key takes the file of a public key: ~/.ssh/id_ed25519.pub',
      cause,
    })
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const key = lines.length === 1 ? parsePublic(lines[0] ?? '') : undefined
  if (key) return key
  const secret = text.includes('PRIVATE KEY-----') || text.startsWith('PuTTY-User-Key-File')
  throw new DockerBashError(secret ? `${path} is a private key` : `${path} is not the file of one public key`, {
    hint: secret ? `name its public half: --key ${path}.pub` : '--key takes one line as ssh-keygen writes it',
  })
}

/** Where a key of the user's lies, and what it is called when they are asked. */
export interface Offered {
  readonly from: string
  readonly key: PublicKey
}

/** Ours, which docker-bash logs in with, before those of ssh, the newer kinds first. */
export function offeredKeys(home: string): Offered[] {
  const ours = newest(usualName)
  return [
    ...(ours ? [{ from: `docker-bash key ${ours.name}`, key: ours.public }] : []),
    ...keysOfSsh(join(home, '.ssh')),
  ]
}

const kinds = ['id_ed25519.pub', 'id_ed25519_sk.pub', 'id_ecdsa.pub', 'id_ecdsa_sk.pub', 'id_rsa.pub']

function keysOfSsh(folder: string): Offered[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  const rank = (name: string) => (kinds.includes(name) ? kinds.indexOf(name) : kinds.length)
  return (
    names
      // What another user has put there would open the image to them.
      .filter((name) => name.endsWith('.pub') && !faultAt(join(folder, name)))
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .flatMap((name) => {
        const from = join(folder, name)
        try {
          return [{ from, key: readPublic(from) }]
        } catch {
          // A certificate, or something else that ends so.
          return []
        }
      })
  )
}
