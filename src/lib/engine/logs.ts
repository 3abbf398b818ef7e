import { client } from './client'
import type { Engine } from './engine'
import { frames } from './frames'

/** The last lines of a container's log, both streams as they came; none when its log driver keeps nothing to read. */
export async function lastLines(engine: Engine, id: string, tty: boolean, count: number): Promise<string[]> {
  let bytes: Buffer
  try {
    const options = { follow: false as const, stdout: true, stderr: true, tail: count }
    bytes = await engine[client].docker.getContainer(id).logs(options)
  } catch {
    // `none`, or a driver that only writes: there is nothing to show, and that is no failure of the session.
    return []
  }
  const parts: Buffer[] = []
  if (tty) parts.push(bytes)
  else frames((_, part) => parts.push(part))(bytes)
  return Buffer.concat(parts)
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(-count)
}
