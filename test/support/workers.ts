/** Who works on the host for the sessions in a container, what those leave in it, and their end by SIGKILL. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { processes } from '../../scripts/proc.mjs'
import { start } from './cli'
import type { Container } from './containers'

export interface Worker {
  readonly pid: number
  readonly line: string
}

/**
 * What comes from these processes, is in the container’s namespaces, or names it; not what runs in it.
 * @param first the container’s first process, here
 */
export function workers({ id }: Container, first: number, from: readonly number[]): Worker[] {
  const all = processes()
  const known = new Set(from)
  for (let count = 0; count !== known.size; ) {
    count = known.size
    for (const { pid, ppid } of all) if (known.has(ppid)) known.add(pid)
  }
  const spaces = ['net', 'mnt'].map((kind) => link(`/proc/${first}/ns/${kind}`))
  const own = link(`/proc/${first}/ns/pid`)
  return all
    .filter(({ state }) => state !== 'Z' && state !== 'X')
    .map(({ pid, args }) => ({ pid, line: args.join(' ') }))
    .filter(({ line }) => !/shim|dockerd|containerd/.test(line))
    .filter(
      ({ pid, line }) =>
        link(`/proc/${pid}/ns/pid`) !== own &&
        (known.has(pid) ||
          line.includes(id) ||
          ['net', 'mnt'].some((kind) => spaces.includes(link(`/proc/${pid}/ns/${kind}`)))),
    )
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Nobody of them does anything any more before all are killed. */
export function killTogether(pids: readonly number[]): void {
  for (const name of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of pids) {
      try {
        process.kill(pid, name)
      } catch {
        // It has ended.
      }
    }
  }
}

/** The sockets and folders of agents in its /tmp, and who listens at its port 9000. */
export function socketsIn(first: number): string[] {
  const files = readdirSync(`/proc/${first}/root/tmp`).filter((name) => /sock|^ssh-/.test(name))
  const agents = files.filter((name) => existsSync(`/proc/${first}/root/tmp/${name}/agent`)).map(() => 'agent')
  const listening = readFileSync(`/proc/${first}/net/tcp`, 'utf8').match(/:2328 \d+:0000 0A/g) ?? []
  return [...files, ...agents, ...listening]
}

/** What connecting to each Unix socket below a folder comes to, a line each. */
export async function answersAt(folder: string, sockets: readonly string[]): Promise<string> {
  const connect = `const net = require('node:net'); for (const at of process.argv.slice(1)) net.connect(at).on('error', ({ code }) => console.log(code))`
  const { stdout } = await start(['-e', connect, ...sockets], { program: process.execPath, cwd: folder }).ended
  return stdout.toString()
}
