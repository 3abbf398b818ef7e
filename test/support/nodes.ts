/** Whole Nodes of other versions, from npm's packages that carry one, kept between runs. */
import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keep } from '../../scripts/cache.mjs'

/** A Node of this major version: our own, or else the newest that the registry has. */
export async function nodeOf(major: number): Promise<string> {
  if (process.version.startsWith(`v${major}.`)) return process.execPath
  const name = `node-linux-${process.arch}`
  const folder = await keep(`node-${major}`, [name, major], async (path) => {
    const prefix = `${path}.npm`
    rmSync(prefix, { recursive: true, force: true })
    mkdirSync(prefix)
    const options = ['--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
    await promisify(execFile)('npm', ['install', ...options, `${name}@${major}`], { cwd: prefix })
    renameSync(join(prefix, 'node_modules', name), path)
    rmSync(prefix, { recursive: true })
  })
  return join(folder, 'bin', 'node')
}
