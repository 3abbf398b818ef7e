import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** As many as one has at hand; on another engine others are looked for. */
const most = 20

function recentFile(env: NodeJS.ProcessEnv): string {
  const { XDG_STATE_HOME: state } = env
  const folder = state && isAbsolute(state) ? state : join(env.HOME || homedir(), '.local', 'state')
  return join(folder, 'docker-bash', 'recent.json')
}

/** The IDs of the containers entered last, the last one first. What is no list of IDs counts as none. */
export function recent(env: NodeJS.ProcessEnv = process.env): string[] {
  try {
    const found: unknown = JSON.parse(readFileSync(recentFile(env), 'utf8'))
    return Array.isArray(found) ? found.filter((id) => typeof id === 'string' && /^[0-9a-f]{64}$/.test(id)) : []
  } catch {
    // Nothing entered yet, or a note that is lost: it is only an order.
    return []
  }
}

/** Puts a container on top. @throws the system's error where nothing can be written */
export function remember(id: string, env: NodeJS.ProcessEnv = process.env): void {
  const path = recentFile(env)
  const ids = [id, ...recent(env).filter((other) => other !== id)].slice(0, most)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(partial, `${JSON.stringify(ids)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}
