import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createAgent } from 'ssh2'
import { DockerBashError, messageOf } from '../errors'
import { fingerprint, type PublicKey, parsePublic } from './fingerprint'
import { type AskPassphrase, privateKey, unlocked } from './key-ring'
import { IsPublic } from './private-key'

/** A key that may open the door. Its private half is touched only once the server has said that it would. */
export interface Candidate {
  readonly public: PublicKey
  /** For messages: a path, `agent`. */
  readonly from: string
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}

/** A key in a file. @throws DockerBashError when it is not a private key */
export async function fromFile(path: string, ask: AskPassphrase): Promise<Candidate> {
  const file = privateKey(path)
  const half = file.public ?? (await unlocked(file, ask)).public
  return { public: half, from: path, sign: async (data, hash) => (await unlocked(file, ask)).sign(data, hash) }
}

/** Whose keys those are that are in no file of ours. */
export const agentName = 'the agent'

/** The agent's keys; none when there is no agent. Its keys sign in it: FIDO and smart cards too. */
export async function fromAgent(socket: string | undefined): Promise<Candidate[]> {
  if (!socket) return []
  const agent = createAgent(socket)
  const keys = await new Promise<unknown[]>((settle) => {
    const late = setTimeout(() => settle([]), 3000)
    agent.getIdentities((error, found) => {
      clearTimeout(late)
      settle(error ? [] : ((found as unknown[] | undefined) ?? []))
    })
  })
  return keys.flatMap((key) => {
    const blob = blobOf(key)
    const half =
      blob && parsePublic(`${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')}`)
    if (!half) return []
    return {
      public: half,
      from: agentName,
      sign: (data: Buffer, hash: string | undefined) =>
        new Promise<Buffer>((resolve, reject) => {
          const take = (error: Error | null | undefined, signature?: Buffer) =>
            error || !signature ? reject(error ?? new Error('the agent did not sign')) : resolve(signature)
          agent.sign(half.blob, data, hash ? { hash: hash as 'sha256' } : {}, take)
        }),
    }
  })
}

function blobOf(key: unknown): Buffer | undefined {
  if (Buffer.isBuffer(key)) return key
  if (typeof key === 'object' && key !== null && 'getPublicSSH' in key && typeof key.getPublicSSH === 'function') {
    const blob: unknown = key.getPublicSSH()
    return Buffer.isBuffer(blob) ? blob : undefined
  }
  return undefined
}

/** The files that `ssh` itself would try, those that are there and can be read. */
export async function usualFiles(ask: AskPassphrase, home = process.env.HOME || homedir()): Promise<Candidate[]> {
  const paths = ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => join(home, '.ssh', name))
    .filter((path) => existsSync(path))
  const found = paths.map(async (path): Promise<Candidate[]> => {
    try {
      // A file whose public half cannot be seen would cost a passphrase before anyone wants it.
      const { public: half } = privateKey(path)
      return half ? [await fromFile(path, ask)] : []
    } catch {
      return []
    }
  })
  return (await Promise.all(found)).flat()
}

/** A key named with --identity: a private key, or the public half of one that the agent holds. */
export async function identity(path: string, socket: string | undefined, ask: AskPassphrase): Promise<Candidate> {
  try {
    return await fromFile(path, ask)
  } catch (error) {
    if (!(error instanceof IsPublic)) throw error
    return await heldByAgent(path, error.key, socket)
  }
}

async function heldByAgent(path: string, half: PublicKey, socket: string | undefined): Promise<Candidate> {
  const held = (await fromAgent(socket)).find((one) => one.public.blob.equals(half.blob))
  if (held) return held
  throw new DockerBashError(`${path} is a public key, and the agent does not hold its private half`, {
    hint: `name the private one (--identity ${path.replace(/\.pub$/, '')}), or add it to the agent: ssh-add`,
  })
}

/** Each key once, where it comes first. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>()
  return candidates.filter(({ public: half }) => {
    const known = seen.has(fingerprint(half.blob))
    seen.add(fingerprint(half.blob))
    return !known
  })
}

export function signFailure(from: string, error: unknown): DockerBashError {
  return error instanceof DockerBashError
    ? error
    : new DockerBashError(`the key of ${from} did not sign: ${messageOf(error)}`, {
        hint: 'docker-bash --identity FILE names another',
      })
}
