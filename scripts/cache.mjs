// What takes long to make and always comes out the same is made once and kept between runs, and between checkouts:
// the tests' images, other Nodes.
//
// Kept in DOCKER_BASH_BUILD_CACHE, or else in /var/cache/docker-bash for root and ~/.cache/docker-bash-build for others.
// Root runs what lies there, so nobody else may be able to write to it.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { ensurePackages, Trouble } from './packages.mjs'

/** The folder, made if it is missing. Throws `Trouble` when it is not ours alone. */
export function cacheFolder() {
  const folder = resolve(process.env.DOCKER_BASH_BUILD_CACHE || usual())
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o077) !== 0) {
    throw new Trouble(
      `${folder} is not a folder of mode 0700 that is ours`,
      'remove it, or set DOCKER_BASH_BUILD_CACHE',
    )
  }
  return folder
}

/**
 * The path of what `make(path)` makes from `recipe`, which says all that it depends on. What was made in an earlier
 * month is made anew, so that security updates come in. Several processes may ask at once: one makes it, the others wait.
 */
export async function keep(name, recipe, make) {
  const folder = cacheFolder()
  const kept = join(folder, `${name}-${keyOf(recipe)}`)
  if (touched(kept)) return kept
  const unlock = await lock(join(folder, `${name}.lock`))
  try {
    if (touched(kept)) return kept
    forgetOld(folder, name)
    const partial = join(folder, `${name}.partial`)
    rmSync(partial, { recursive: true, force: true })
    await make(partial)
    // Whoever sees the name sees all of it.
    renameSync(partial, kept)
    return kept
  } finally {
    unlock()
  }
}

function usual() {
  if (process.getuid() === 0) return '/var/cache/docker-bash'
  const { XDG_CACHE_HOME } = process.env
  const base = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache')
  return join(base, 'docker-bash-build')
}

function keyOf(recipe) {
  const month = new Date().toISOString().slice(0, 7)
  const text = JSON.stringify([recipe, month, process.arch])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Whether it is there; its date then says when it was last used. */
function touched(path) {
  if (!existsSync(path)) return false
  utimesSync(path, new Date(), new Date())
  return true
}

/** What this was made as before and nobody has used for a month. */
function forgetOld(folder, name) {
  const monthAgo = Date.now() - 31 * 24 * 3600 * 1000
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    if (!new RegExp(`^${name}-[0-9a-f]{12}$`).test(entry)) continue
    if (statSync(path).mtimeMs < monthAgo) rmSync(path, { recursive: true, force: true })
  }
}

/** Held by a process of flock's that ends when we do, however that happens. */
async function lock(file) {
  ensurePackages({ flock: 'util-linux' })
  const child = spawn('flock', [file, 'sh', '-c', 'echo; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => failed(file))])
  child.unref()
  return () => child.stdin.end()
}

function failed(file) {
  throw new Trouble(`cannot lock ${file}`, 'its reason is above')
}
