/** A mount namespace for an engine and those who enter its containers: to have the control groups look another way. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * A namespace that lasts until the file's last test.
 * @param script run by sh when it is new: it changes what is mounted
 * @returns its file
 */
export async function mountSpace(script: string): Promise<string> {
  const holder = spawn('unshare', ['--mount', 'sh', '-ec', `${script}; echo ready; exec sleep 100000`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holders.push(holder)
  if (holder.stdout) await once(holder.stdout, 'data')
  return `/proc/${holder.pid}/ns/mnt`
}

const holders: ChildProcess[] = []
afterAll(() => {
  for (const holder of holders) holder.kill()
})
