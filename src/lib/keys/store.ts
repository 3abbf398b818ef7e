import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { DockerBashError, errno, messageOf } from '../errors'
import { createPrivate, dataFolder, namesIn, pathIn, readOwn, requireOurs, syncFolder } from '../files/data-files'
import { fingerprint, formatPublic, type PublicKey, parsePublic } from '../ssh/fingerprint'
import { ownPrivateKey } from '../ssh/key-ring'
import { newPair } from '../ssh/openssh-format'
import { openPrivate, type PrivateFile, readKeyText } from '../ssh/private-key'
import { isPutty, readPutty } from '../ssh/putty-format'

/** A key of ours, by the name of its file. */
export interface OwnKey {
  readonly name: string
  readonly path: string
  readonly public: PublicKey
  readonly fingerprint: string
  readonly encrypted: boolean
}

/** The key that `install` takes, and makes at first use. */
export const usualName = 'default'

/** All of ours, by name; what is in the folder besides is passed over. */
export function ownKeys(): OwnKey[] {
  return namesIn('keys')
    .filter((name) => isName(name) && !name.endsWith('.pub'))
    .sort()
    .flatMap((name) => ownKey(name) ?? [])
}

export function ownKey(name: string): OwnKey | undefined {
  const path = pathIn('keys', name)
  const file = ownPrivateKey(path)
  const half = file?.public
  if (!half) return undefined
  const comment = parsePublic(readOwn(`${path}.pub`)?.split('\n')[0] ?? '')?.comment ?? half.comment
  return { name, path, public: { ...half, comment }, fingerprint: fingerprint(half.blob), encrypted: file.encrypted }
}

/** @throws DockerBashError unless there is such a key of ours */
export function requireKey(name: string): OwnKey {
  requireOurs()
  const key = ownKey(name)
  if (key) return key
  throw new DockerBashError(`there is no key of ours called ${name}`, {
    hint: `docker-bash key list shows them; docker-bash key generate ${name} makes it`,
  })
}

/**
 * Makes a key: ed25519, 0600 from birth, read back before it counts.
 * @throws DockerBashError when the name is taken: a key is never overwritten
 */
export function generateKey(name: string, passphrase?: string): OwnKey {
  const comment = `docker-bash ${name} ${userName()}@${hostname()}`
  const pair = newPair(comment, passphrase)
  return keep(name, pair.private, pair.public, passphrase)
}

/** Takes an existing private key: OpenSSH's and PEM files as they are, PuTTY's converted. */
export async function importKey(name: string, file: string, ask: (path: string) => Promise<string>): Promise<OwnKey> {
  const text = readKeyText(file)
  if (isPutty(text)) {
    const { private: secret, public: half } = await readPutty(text, file, ask)
    return keep(name, secret, half)
  }
  const opened = openPrivate(file)
  const half = opened.public ?? opened.unlock(await ask(file)).public
  return keep(name, text, half)
}

function keep(name: string, secret: string, half: PublicKey, passphrase?: string): OwnKey {
  if (!isName(name)) {
    throw new DockerBashError(`invalid key name "${name}"`, {
      hint: 'letters, digits, dots, dashes and underscores; not ending in .pub',
    })
  }
  const path = pathIn('keys', name)
  try {
    createPrivate(path, secret)
  } catch (cause) {
    if (cause instanceof DockerBashError) throw cause
    const taken = errno(cause) === 'EEXIST'
    throw new DockerBashError(
      taken ? `there is a key called ${name} already` : `cannot write ${path}: ${errno(cause) ?? messageOf(cause)}`,
      {
        hint: taken
          ? `another name: docker-bash key generate NAME; it is ${path}`
          : `docker-bash keeps its keys in ${dataFolder()}`,
        cause,
      },
    )
  }
  try {
    const { encrypted } = prove(path, half, passphrase)
    rmSync(`${path}.pub`, { force: true })
    createPrivate(`${path}.pub`, `${formatPublic(half)}\n`, 0o644)
    syncFolder(pathIn('keys', ''))
    return { name, path, public: half, fingerprint: fingerprint(half.blob), encrypted }
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** What was written can be read, and signs for the public half. */
function prove(path: string, half: PublicKey, passphrase: string | undefined): PrivateFile {
  const file = openPrivate(path)
  if (file.public && !file.public.blob.equals(half.blob))
    throw new DockerBashError('the key that was written is not the one that was made', {
      hint: 'the disk may be failing: run it again',
    })
  // An imported one may stay locked: that its passphrase fits is its owner's business.
  if (file.encrypted && passphrase === undefined) return file
  file.unlock(passphrase).sign(randomBytes(32), undefined)
  return file
}

/** The newest key that bears a name or succeeds it. */
export function newest(name: string): OwnKey | undefined {
  const number = (one: OwnKey) => Number(one.name.slice(name.length + 1) || 1)
  const family = ownKeys().filter((one) => one.name === name || (one.name.startsWith(`${name}.`) && number(one) > 1))
  return family.sort((a, b) => number(b) - number(a))[0]
}

/** The next free name for a successor: `default`, `default.2`, `default.3`. */
export function successorOf(name: string): string {
  const base = name.replace(/\.\d+$/, '')
  const taken = new Set(namesIn('keys'))
  for (let number = 2; ; number++) {
    const next = `${base}.${number}`
    if (!taken.has(next)) return next
  }
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]{0,63}$/.test(name) && !name.endsWith('.pub') && !name.endsWith('.tmp')
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A number without a name.
    return String(process.getuid?.() ?? 'user')
  }
}

/** The public line as it goes into authorized_keys. */
export function authorizedLine({ public: half, name }: OwnKey): string {
  return formatPublic({ ...half, comment: half.comment || `docker-bash ${name}` })
}
