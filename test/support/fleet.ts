/** Containers that are chosen together. */
import { type Container, type ContainerOptions, container, uniqueName } from './containers'

export interface FleetOfTests {
  /** Fits all of their names, and no others. */
  readonly glob: string
  readonly members: readonly Container[]
}

export async function fleetOf(count: number, options: Partial<ContainerOptions> = {}): Promise<FleetOfTests> {
  const base = uniqueName()
  const members: Container[] = []
  const make = async (at: number) => {
    members[at] = await container({ image: 'busybox', ...options, name: `${base}-${at + 1}` })
  }
  // A few at a time: the engine is no faster with all at once.
  let next = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let at = next++; at < count; at = next++) await make(at)
    }),
  )
  return { glob: `${base}-*`, members }
}
