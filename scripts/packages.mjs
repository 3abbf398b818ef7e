// Programs this machine must have: found, or installed from Debian's packages where that is possible.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What happened, and in `hint` what to do about it: one line each. */
export class Trouble extends Error {
  constructor(message, hint) {
    super(message)
    this.name = 'Trouble'
    this.hint = hint
  }
}

/** The path of a program, looked for in PATH and where root's programs live; `undefined` if there is none. */
export function findProgram(name) {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

/**
 * Makes sure of programs (or files, by their paths), given as `{ program: 'its Debian packages' }`: what is missing is installed with apt-get if
 * we are root on Debian or Ubuntu. Returns the packages it installed. Throws `Trouble` that names what is missing.
 * No service is started by it: on a machine with systemd the package would otherwise bring up an engine of its own.
 */
export function ensurePackages(programs, log = (line) => process.stderr.write(`${line}\n`)) {
  const missing = Object.keys(programs).filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return []
  const packages = [...new Set(missing.flatMap((program) => programs[program].split(' ')))]
  const command = `apt-get install ${packages.join(' ')}`
  const what = `not installed: ${missing.join(', ')}`
  if (!isDebian()) throw new Trouble(what, `install what Debian calls ${packages.join(' ')}`)
  if (process.getuid?.() !== 0) throw new Trouble(what, `as root: ${command}`)

  log(`installing ${packages.join(' ')} with apt-get`)
  // RUNLEVEL=1 makes invoke-rc.d and deb-systemd-invoke leave services as they are.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300']
  for (const words of [['update'], ['install', '--no-install-recommends', ...packages]]) {
    const { status, error, stdout, stderr } = spawnSync('apt-get', [...options, ...words], { env, encoding: 'utf8' })
    if (error || status !== 0) {
      const reason = error?.message ?? lastLine(stderr || stdout)
      throw new Trouble(`apt-get ${words[0]} failed: ${reason}`, `see what it says: ${command}`)
    }
  }
  const still = missing.filter((program) => findProgram(program) === undefined)
  if (still.length > 0) throw new Trouble(`still missing after ${command}: ${still.join(', ')}`, 'put them into PATH')
  return packages
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isDebian() {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? ''
}
