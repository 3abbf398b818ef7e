import { closeSync, openSync, readSync } from 'node:fs'

/**
 * A name for one session that nothing inside can foresee: begins the barrier's line, and is found in /proc by the watchdog.
 * From the kernel's own source: node:crypto takes two milliseconds to load.
 */
export function newTag(): string {
  const bytes = Buffer.alloc(6)
  const source = openSync('/dev/urandom', 'r')
  try {
    if (readSync(source, bytes) < bytes.length) throw new Error('/dev/urandom gave too little')
  } finally {
    closeSync(source)
  }
  return `docker-bash:${bytes.toString('hex')}`
}
