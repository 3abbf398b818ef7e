import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { DockerBashError, errno, messageOf } from '../errors'

/** The user's config file, where the XDG specification has it. */
export function configFile(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: folder } = env
  // The specification: what is not absolute is to be ignored.
  const base = folder && isAbsolute(folder) ? folder : join(env.HOME || homedir(), '.config')
  return join(base, 'docker-bash', 'config.json')
}

/**
 * The file as JSON; undefined when there is none for us to read.
 * @throws DockerBashError when it is no file, no JSON object, or another user may have written it: it decides as
 * whom and how containers are entered
 */
export function readConfigFile(path: string, env: NodeJS.ProcessEnv): Record<string, unknown> | undefined {
  const text = readOwn(path, env)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DockerBashError(`${path} is no JSON: ${messageOf(cause)}`, { hint: `mend it, or move it away`, cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new DockerBashError(`${path} holds no JSON object`, { hint: 'write it as {"via": "exec"}' })
}

function readOwn(path: string, env: NodeJS.ProcessEnv): string | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    if (errno(cause) === 'ENOENT' || errno(cause) === 'ENOTDIR') return undefined
    // In a folder that is closed to us, as of a HOME that is another user's: no settings of ours.
    if (errno(cause) === 'EACCES' && !existsSync(path)) return undefined
    throw new DockerBashError(`cannot read ${path}: ${errno(cause) ?? messageOf(cause)}`, {
      hint: 'it is your config of docker-bash; XDG_CONFIG_HOME names another place',
      cause,
    })
  }
  try {
    // Of what was opened, not of what has the name by now.
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new DockerBashError(`${path} is no file`, { hint: 'move it away' })
    if (!owners(env).includes(stat.uid)) {
      throw new DockerBashError(`${path} belongs to another user: it is not believed`, {
        hint: `look at it, then chown it to yourself; or name another place: XDG_CONFIG_HOME`,
      })
    }
    if ((stat.mode & 0o022) !== 0) {
      throw new DockerBashError(`${path} can be written by other users: it is not believed`, {
        hint: `look at it, then: chmod go-w ${path}`,
      })
    }
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** Ourselves and root; under sudo, which may leave HOME as it is, also who called it. */
function owners(env: NodeJS.ProcessEnv): number[] {
  const uid = process.getuid?.() ?? -1
  const caller = uid === 0 && /^\d+$/.test(env.SUDO_UID ?? '') ? [Number(env.SUDO_UID)] : []
  return [uid, 0, ...caller]
}
