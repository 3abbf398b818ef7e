/**
 * The private keys of this run: each file is read once and unlocked once, however many containers it opens. What is
 * kept is what signs; a passphrase is not.
 */
import { readOwn } from '../files/data-files'
import { openPrivate, type PrivateFile, parsePrivate, type Unlocked } from './private-key'

export type AskPassphrase = (path: string) => Promise<string>

const opened = new Map<string, PrivateFile>()
const unlocking = new Map<string, Promise<Unlocked>>()

/** A key of the user's. @throws DockerBashError when it is not a private key */
export function privateKey(path: string): PrivateFile {
  return opened.get(path) ?? keep(openPrivate(path))
}

/** One of our own; undefined when there is none. */
export function ownPrivateKey(path: string): PrivateFile | undefined {
  const known = opened.get(path)
  if (known) return known
  const text = readOwn(path)
  return text === undefined ? undefined : keep(parsePrivate(path, text))
}

/** What signs. Whoever wants it while its passphrase is being typed gets the same. */
export function unlocked(file: PrivateFile, ask: AskPassphrase): Promise<Unlocked> {
  const known = unlocking.get(file.path)
  if (known) return known
  const answer = unlock(file, ask)
  unlocking.set(file.path, answer)
  return answer
}

async function unlock(file: PrivateFile, ask: AskPassphrase): Promise<Unlocked> {
  if (!file.encrypted) return file.unlock()
  for (let attempt = 1; ; attempt++) {
    try {
      return file.unlock(await ask(file.path))
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}

function keep(file: PrivateFile): PrivateFile {
  opened.set(file.path, file)
  return file
}
