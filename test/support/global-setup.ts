/** Before the engine and CLI tests: one engine for all of them, with the images. No engine is a failure, never a skip. */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { startEngine } from '../../scripts/engine.mjs'
import { makeSlowTars } from '../../scripts/images.mjs'
import { ensurePackages } from '../../scripts/packages.mjs'
import { rootfs } from '../engine/image/rootfs'
import { type ImageName, images, importImage, root, scratch } from './engine'
import { atTeardown } from './global-teardown'

export default async function globalSetup(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error('the engine and CLI tests start an engine of their own: run them as root')
  ensurePackages({ tmux: 'tmux' })
  // Here, where no test waits for them: on a new machine this takes minutes.
  const made = Promise.all([makeSlowTars(), rootfs()])
  const engine = await startEngine()
  atTeardown(() => engine.stop())
  process.env.DOCKER_BASH_TEST_HOST = engine.host
  process.env.DOCKER_BASH_TEST_NETNS = engine.netns
  process.env.DOCKER_BASH_TEST_DIR = join(engine.dir, 'tests')
  mkdirSync(process.env.DOCKER_BASH_TEST_DIR)
  process.env.DOCKER_BASH_TEST_BIN = makeBin()
  process.env.DOCKER_BASH_TEST_CACHE = scratch('cache')
  await made
  // The large one is left to the tests that use it.
  const names = (Object.keys(images) as ImageName[]).filter((name) => name !== 'sshd')
  await Promise.all(names.map((name) => importImage(engine.host, name)))
}

/** A folder for PATH with both programs by the names people type, and this Node. */
function makeBin(): string {
  const bin = scratch('bin')
  symlinkSync(join(root, 'bin', 'run.js'), join(bin, 'docker-bash'))
  symlinkSync(join(root, 'bin', 'dl.js'), join(bin, 'dl'))
  symlinkSync(process.execPath, join(bin, 'node'))
  chmodSync(bin, 0o755)
  return bin
}
