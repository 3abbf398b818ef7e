import { spawnSync } from 'node:child_process'
import { readSync } from 'node:fs'

/** One key from our terminal, without Enter; undefined at its end. The terminal is put back at once. */
export function oneKey(): string | undefined {
  const stty = (args: readonly string[]) =>
    spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' }).stdout
  const saved = stty(['-g']).trim()
  stty(['-icanon', '-echo', 'min', '1', 'time', '0'])
  try {
    const byte = Buffer.alloc(1)
    return readSync(0, byte) === 1 ? byte.toString('latin1') : undefined
  } finally {
    stty([saved])
  }
}
