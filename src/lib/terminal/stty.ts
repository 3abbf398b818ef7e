import { spawnSync } from 'node:child_process'

/**
 * Of our terminal, the one that is our stdin.
 * @returns what it printed, or undefined when there is no stty or no terminal
 */
export function stty(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Byte for byte: libuv's raw mode keeps ONLCR, which gives the bare line feeds of a full-screen program a return each. */
export function makeRaw(): void {
  stty('raw', '-echo', '-iexten')
}
