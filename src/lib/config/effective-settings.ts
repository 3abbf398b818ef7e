import type { Request, Target } from '../model'
import { settled } from './resolve-settings'
import type { Key } from './schema'
import type { Settings, Told } from './settings'

const order = ['via', 'shell', 'user', 'workdir', 'toolbox', 'picker', 'nodes', 'nodesBySsh'] as const
const usual: Partial<Record<Key, unknown>> = { via: 'auto', picker: true, nodes: {}, nodesBySsh: false }

/** Every setting as it would hold, docker-bash's own choices too; with a container, what its labels say counts. */
export function effective(
  request: Request,
  target: Pick<Target, 'name' | 'labels'> | undefined,
  set: Settings,
): Record<(typeof order)[number], Told> {
  const told: Partial<Record<string, Told>> = { ...set, ...settled(request, target ?? { name: '', labels: {} }, set) }
  const one = (key: (typeof order)[number]): [string, Told] => [
    key,
    told[key] ?? { value: usual[key as Key], from: 'default' },
  ]
  return Object.fromEntries(order.map(one)) as Record<(typeof order)[number], Told>
}
