import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { DockerBashError } from '../errors'
import { readBounded } from '../files/bounded'
import { readProgram } from './elf'
import type { Toolbox } from './toolbox'

const places = ['/bin/busybox', '/usr/bin/busybox', '/usr/local/bin/busybox', '/usr/lib/initramfs-tools/bin/busybox']

/** This machine's architecture in an engine's words. */
export const ownArchitecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch

/** The built-in toolbox: this host's static busybox, one program that is many. @returns undefined when there is none */
export function findBusybox(): Toolbox | undefined {
  for (const path of places) {
    if (!existsSync(path)) continue
    const bytes = readBounded(path, { most: 64 * 1024 * 1024 })
    if (readProgram(bytes, ownArchitecture).kind !== 'static') continue
    const { stdout } = spawnSync(path, ['--list'], { encoding: 'utf8', env: {} })
    const applets = stdout.split('\n').filter((name) => /^[\w[.+-]+$/.test(name) && name !== 'busybox')
    return {
      files: [{ name: 'busybox', bytes }],
      links: applets.map((name) => [name, 'busybox'] as const),
      shell: 'sh',
    }
  }
  return undefined
}

/** @throws DockerBashError when this host has no static busybox */
export function requireBusybox(): Toolbox {
  const found = findBusybox()
  if (found) return found
  throw new DockerBashError('there is no static busybox on this host to bring along', {
    hint: 'install one: sudo apt-get install busybox-static; or name an image of the engine’s: --toolbox busybox:musl',
  })
}
