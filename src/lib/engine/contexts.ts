import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { at, textAt } from '../at'
import { DockerBashError, errno } from '../errors'

/** PEM files of a TLS endpoint, by path, and whether the server's certificate is checked. */
export interface ContextTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly verify: boolean
}

/**
 * A context of Docker's own store: `contexts/meta/<sha256 of its name>/meta.json`, its PEM files under
 * `contexts/tls/<the same>/docker/`.
 * @param folder Docker's config folder
 */
export function readContext(name: string, folder: string): { host: string; tls?: ContextTls } {
  const digest = createHash('sha256').update(name).digest('hex')
  const file = join(folder, 'contexts', 'meta', digest, 'meta.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (errno(cause) !== 'ENOENT') {
      throw new DockerBashError(`cannot read the context ${name}: ${errno(cause) ?? 'unknown error'}`, {
        hint: `look at ${file}`,
        cause,
      })
    }
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
    return existsSync(path) ? path : undefined
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
    throw new DockerBashError(`the context ${name} is damaged`, { hint: `mend or remove ${file}`, cause })
  }
  throw new DockerBashError(`the context ${name} has no Docker endpoint`, { hint: `docker context inspect ${name}` })
}

/** The names in Docker's store. One whose file cannot be read has none. */
export function contextNames(folder: string): string[] {
  const meta = join(folder, 'contexts', 'meta')
  const digests = existsSync(meta) ? readdirSync(meta) : []
  return digests.flatMap((digest) => {
    try {
      const name = textAt(JSON.parse(readFileSync(join(meta, digest, 'meta.json'), 'utf8')), 'Name')
      return name ? [name] : []
    } catch {
      // Whoever asks for it by its name hears what is wrong with it.
      return []
    }
  })
}
