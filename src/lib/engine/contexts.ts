import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { readBoundedText, whyUnread } from '../files/bounded'
import { readTrusted, requireTrust } from '../files/trusted'
import { at, textAt } from '../text/json-path'

/** PEM files of a TLS endpoint, by path, and whether the server's certificate is checked. */
export interface ContextTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly verify: boolean
}

/** In bytes: of Docker's config and its contexts, which hold a line for each registry or endpoint. */
const trust = { most: 4 * 1024 * 1024, elsewhere: 'DOCKER_CONFIG' }

/**
 * The context that Docker's config names, if any.
 *
 * Of a config file that another user may have written only that it names a context is believed, and refused: the
 * context would say whose engine gets what is typed. One that names none changes nothing.
 * One that is damaged or cannot be read is, as for Docker's client, worth a warning and no more.
 * @param folder Docker's config folder
 */
export function currentContext(folder: string, warn: (text: string) => void = () => {}): string | undefined {
  const file = join(folder, 'config.json')
  const name = contextIn(file, warn)
  if (name !== undefined && name !== 'default') requireTrust(file, trust.elsewhere)
  return name
}

function contextIn(file: string, warn: (text: string) => void): string | undefined {
  try {
    const text = readBoundedText(file, trust)
    if (text.trim() === '') return undefined
    const config: unknown = JSON.parse(text)
    if (typeof config === 'object' && config !== null && 'currentContext' in config) {
      return typeof config.currentContext === 'string' && config.currentContext ? config.currentContext : undefined
    }
    return undefined
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    const why = error instanceof SyntaxError ? 'it is not valid JSON' : whyUnread(error)
    warn(`going on without Docker's config file ${file}: ${why}`)
    return undefined
  }
}

/**
 * A context of Docker's own store: `contexts/meta/<sha256 of its name>/meta.json`, its PEM files under
 * `contexts/tls/<the same>/docker/`.
 * @param folder Docker's config folder
 * @throws DockerBashError for one that another user may have written: it says whose engine gets what is typed
 */
export function readContext(name: string, folder: string): { host: string; tls?: ContextTls } {
  const digest = createHash('sha256').update(name).digest('hex')
  const file = join(folder, 'contexts', 'meta', digest, 'meta.json')
  let text: string | undefined
  try {
    text = readTrusted(file, trust)
  } catch (cause) {
    if (cause instanceof DockerBashError) throw cause
    throw new DockerBashError(`cannot read the context ${name}: ${whyUnread(cause)}`, {
      hint: `look at ${file}`,
      cause,
    })
  }
  if (text === undefined) {
    const known = contextNames(folder)
    throw new DockerBashError(`no Docker context named ${name}`, {
      hint:
        known.length > 0
          ? `there is ${known.join(', ')}; docker context ls shows them`
          : 'docker context ls shows them',
    })
  }
  const { host, skipVerify } = dockerEndpoint(text, name, file)
  const pem = (part: string) => {
    const path = join(folder, 'contexts', 'tls', digest, 'docker', part)
    if (!existsSync(path)) return undefined
    requireTrust(path, trust.elsewhere)
    return path
  }
  const tls = { ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem'), verify: !skipVerify }
  return tls.ca || tls.cert || tls.key || skipVerify ? { host, tls } : { host }
}

function dockerEndpoint(text: string, name: string, file: string): { host: string; skipVerify: boolean } {
  try {
    const meta: unknown = JSON.parse(text)
    const host = at(meta, 'Endpoints', 'docker', 'Host')
    if (typeof host === 'string' && host) {
      return { host, skipVerify: at(meta, 'Endpoints', 'docker', 'SkipTLSVerify') === true }
    }
  } catch (cause) {
    throw new DockerBashError(`the context ${name} is damaged`, { hint: `correct or remove ${file}`, cause })
  }
  throw new DockerBashError(`the context ${name} has no Docker endpoint`, { hint: `docker context inspect ${name}` })
}

/** The names in Docker's store. One whose file cannot be read has none. */
export function contextNames(folder: string): string[] {
  const meta = join(folder, 'contexts', 'meta')
  const digests = existsSync(meta) ? readdirSync(meta) : []
  return digests.flatMap((digest) => {
    try {
      const name = textAt(JSON.parse(readBoundedText(join(meta, digest, 'meta.json'), trust)), 'Name')
      return name ? [name] : []
    } catch {
      // Whoever asks for it by its name hears what is wrong with it.
      return []
    }
  })
}
