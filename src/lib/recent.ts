import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder, readTrusted } from './files/trusted'
import { ownFolder } from './paths'

/** As many as one has at hand; on another engine others are looked for. */
const most = 20
const elsewhere = 'XDG_STATE_HOME'

function recentFile(env: NodeJS.ProcessEnv): string {
  return join(ownFolder('state', env), 'recent.json')
}

/** The IDs of the containers entered last, the last one first. What is not a list of IDs counts as none. */
export function recent(env: NodeJS.ProcessEnv = process.env): string[] {
  try {
    const found: unknown = JSON.parse(readTrusted(recentFile(env), { most: 64 * 1024, elsewhere }) ?? '[]')
    return Array.isArray(found) ? found.filter((id) => typeof id === 'string' && /^[0-9a-f]{64}$/.test(id)) : []
  } catch {
    // A note that is lost, or another user's: it is only an order.
    return []
  }
}

/** Puts a container on top. @throws where nothing can be written, or the folder is another user's */
export function remember(id: string, env: NodeJS.ProcessEnv = process.env): void {
  const path = recentFile(env)
  const ids = [id, ...recent(env).filter((other) => other !== id)].slice(0, most)
  makeFolder(dirname(path), elsewhere)
  const partial = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(partial, `${JSON.stringify(ids)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}
