import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Endpoint } from './endpoint'
import wait from './wait-for-end.sh'

/** What is to be done should we be killed: a container, by name or ID, goes; or is paused again. */
export type Order = { readonly remove: string } | { readonly pause: string }

/**
 * A process beside us for what an engine would keep whatever becomes of us, such as a container between its making and
 * its start. It hears of our end, kill -9 included, by the end of a pipe of ours; to be sent before the engine is asked.
 * @returns called once there is nothing to be done any more
 */
export function startCleanup(endpoint: Endpoint, order: Order): () => void {
  // Beside our own program, wherever that was built to.
  const words = [process.execPath, '--', join(__dirname, 'cleanup.js'), JSON.stringify({ endpoint, order })]
  // A shell waits, which is there in an instant; Node is loaded only when there is something to do.
  const child = spawn('/bin/sh', ['-c', wait, 'docker-bash', ...words], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  child.unref()
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return () => void child.stdin.end('done\n')
}
