// Before tests, demo and bench: installs the packages if they are missing or older than the lock file, and builds.
// Uses nothing but Node, so that it runs in a fresh clone.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const installed = join(root, 'node_modules', '.package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) {
  // Nothing here may depend on an install script of a dependency.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}
run(process.execPath, [join(root, 'scripts', 'build.mjs')])

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
