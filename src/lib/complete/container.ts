import type { Endpoint } from '../engine/endpoint'
import { quickLook } from '../engine/quick-lists'
import { ContainerRoot } from '../host/container-rootfs'
import { listenersIn } from '../host/listeners'
import { readProc } from '../host/proc'
import { at, textAt } from '../text/json-path'
import type { Inside, Port } from './world'

/** So many names of a folder are looked at. */
const mostNames = 20_000

/**
 * What a container has inside, for completion: its files and what listens only where root may look at a process of
 * this host's that its control group says is the container's. Nothing is run in it.
 * @param name a name or ID
 */
export async function look(endpoint: Endpoint, name: string): Promise<Inside | undefined> {
  const said = await quickLook(endpoint, name)
  if (said === undefined) return undefined
  const pid = pidOf(said, endpoint)
  const root = pid === undefined ? undefined : new ContainerRoot(pid)
  const fits = (start: string) => (name: string) => name.startsWith(start) && (start !== '' || !name.startsWith('.'))
  return {
    names: (folder, start) => root?.names(`/${folder}`, fits(start), mostNames).sort() ?? [],
    ports: portsOf(said, pid),
  }
}

/** The first process, where it is certain that it is the container's. */
function pidOf(said: unknown, { kind }: Endpoint): number | undefined {
  const pid = at(said, 'State', 'Pid')
  const id = textAt(said, 'Id')
  if (kind !== 'unix' || process.getuid?.() !== 0 || typeof pid !== 'number' || !(pid > 0) || !id) return undefined
  return /^[0-9a-f]{64}$/.test(id) && readProc(pid, 'cgroup')?.includes(id) ? pid : undefined
}

function portsOf(said: unknown, pid: number | undefined): Port[] {
  const ports = new Map<string, Port>()
  const add = (port: number, udp: boolean, about: string) => {
    const key = `${port} ${udp}`
    if (port > 0 && !ports.has(key)) ports.set(key, { port, udp, about })
  }
  if (pid !== undefined) {
    for (const table of ['net/tcp', 'net/tcp6']) {
      for (const { port } of listenersIn(readProc(pid, table) ?? '')) add(port, false, 'listens')
    }
  }
  const exposed = at(said, 'Config', 'ExposedPorts')
  for (const key of typeof exposed === 'object' && exposed !== null ? Object.keys(exposed) : []) {
    const [, port, protocol] = /^(\d{1,5})\/(tcp|udp)$/.exec(key) ?? []
    if (port !== undefined) add(Number(port), protocol === 'udp', 'of its image')
  }
  return [...ports.values()].sort((one, other) => one.port - other.port)
}
