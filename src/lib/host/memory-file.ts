import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, openSync } from 'node:fs'
import making from './memory-file.pl'
import { perl } from './perl'
import { perlCalls } from './perl-calls'

const script = `use strict;${perlCalls}${making}`

/**
 * A file in the kernel's memory, which takes no folder: memfd_create(2). Node has no call for that; a perl makes it, and
 * we open it by way of /proc.
 * @returns an open descriptor, ours to close
 */
export async function memoryFile(): Promise<number> {
  const child = spawn(perl, ['-e', script, process.arch], {
    stdio: ['pipe', 'pipe', 'ignore'],
    argv0: 'docker-bash',
    env: { LC_ALL: 'C' },
  })
  // It may be gone before.
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'close')
  const said = new Promise<string>((settle) => child.stdout.once('data', (bytes: Buffer) => settle(String(bytes))))
  const number = await Promise.race([said, ended.then(() => undefined)])
  if (number === undefined) throw new Error(`${perl} made no file in memory`)
  const fd = openSync(`/proc/${child.pid}/fd/${Number(number)}`, constants.O_RDWR)
  child.stdin.end()
  // While it has the file open too, nobody can run it.
  await ended
  return fd
}
