/** Docker's own config folder, with contexts in its store. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './engine'

/** A host, or a host with the folder of its certificates. */
export type ContextHost = string | { readonly host: string; readonly certPath: string }

/** @returns what DOCKER_CONFIG wants */
export function dockerConfig(contexts: Readonly<Record<string, ContextHost>>, currentContext?: string): string {
  const config = scratch('config')
  for (const [name, where] of Object.entries(contexts)) {
    const digest = createHash('sha256').update(name).digest('hex')
    const meta = join(config, 'contexts', 'meta', digest)
    mkdirSync(meta, { recursive: true })
    const Host = typeof where === 'string' ? where : where.host
    const Endpoints = { docker: { Host, SkipTLSVerify: false } }
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, Endpoints }))
    if (typeof where === 'string') continue
    const tls = join(config, 'contexts', 'tls', digest, 'docker')
    mkdirSync(tls, { recursive: true })
    for (const file of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(where.certPath, file), join(tls, file))
  }
  if (currentContext) writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext }))
  return config
}
