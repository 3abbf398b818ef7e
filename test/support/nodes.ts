/** Whole Nodes of other versions, from npm's packages that carry one, kept in the project's cache. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './engine'

/** A Node of this major version: our own, or else the newest that the registry has; one fetched before stays. */
export async function nodeOf(major: number): Promise<string> {
  if (process.version.startsWith(`v${major}.`)) return process.execPath
  const cache = join(root, '.cache')
  const folder = join(cache, `node-${major}`)
  const program = join(folder, 'bin', 'node')
  if (existsSync(program)) return program
  mkdirSync(cache, { recursive: true })
  const partial = mkdtempSync(join(cache, `node-${major}.`))
  try {
    const name = `node-linux-${process.arch}`
    const options = ['--prefix', partial, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
    await promisify(execFile)('npm', ['install', ...options, `${name}@${major}`], { cwd: partial })
    renameSync(join(partial, 'node_modules', name), folder)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return program
}
