import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { DockerBashError } from '../errors'

/** One static program that is many: what a container with nothing in it is looked at with. */
export interface Busybox {
  /** Of this host. */
  readonly path: string
  readonly applets: readonly string[]
}

const places = ['/bin/busybox', '/usr/bin/busybox', '/usr/local/bin/busybox', '/usr/lib/initramfs-tools/bin/busybox']

/** @throws DockerBashError when this host has no static busybox */
export function findBusybox(): Busybox {
  const path = places.find((file) => existsSync(file) && isStatic(readFileSync(file)))
  if (path === undefined) {
    throw new DockerBashError('there is no static busybox on this host to bring along', {
      hint: 'install one: sudo apt-get install busybox-static',
    })
  }
  const { stdout } = spawnSync(path, ['--list'], { encoding: 'utf8', env: {} })
  return { path, applets: stdout.split('\n').filter((name) => /^[\w[.+-]+$/.test(name) && name !== 'busybox') }
}

/** Whether an ELF file (64-bit, little-endian) does without a dynamic loader. */
function isStatic(elf: Buffer): boolean {
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return false
  const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
  const interpreter = 3
  return Array.from({ length: count }, (_, i) => elf.readUInt32LE(start + i * size)).every(
    (type) => type !== interpreter,
  )
}
