import type { Engine } from '../../engine/engine'
import { statusOf } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import type { Road, Target } from '../../model'

/**
 * Makes sure, once a connection stands, that its other end is the container that was resolved: addresses and ports go
 * to the next container at once, and containers of one image may share their host keys. While it runs as it did before
 * and still holds the address, nobody else can have answered.
 * @throws DockerBashError when it is another, or gone
 */
export async function isStill(engine: Engine, target: Target, road: Road): Promise<void> {
  if (road.name === 'exec') return
  const changed = (how: string) =>
    new DockerBashError(
      `${target.name} ${how} while it was being entered; what answers at ${road.where} may be another container`,
      {
        hint: `nothing was sent to it; try again: docker-bash ${target.name}`,
      },
    )
  try {
    const { State, NetworkSettings } = await engine.docker.getContainer(target.id).inspect()
    if (!State.Running || State.StartedAt !== target.startedAt) throw changed('was stopped or restarted')
    if (road.name === 'address') {
      const held = Object.values(NetworkSettings.Networks).flatMap((one) => [one.IPAddress, one.GlobalIPv6Address])
      const address = /^\[?([^\]]*?)\]?:\d+$/.exec(road.where)?.[1]
      if (!held.some((one) => one && one === address)) throw changed('lost its address')
    }
  } catch (error) {
    if (statusOf(error) === 404) throw changed('was removed')
    throw error
  }
}
