import type { ContainerInfo } from '../engine/types'

/** A listed container's own name; linked containers have names like `/other/alias` besides. */
export function nameOf({ Names, Id }: ContainerInfo): string {
  const own = (Names ?? []).find((name) => !name.slice(1).includes('/'))
  return own?.slice(1) ?? Id.slice(0, 12)
}
