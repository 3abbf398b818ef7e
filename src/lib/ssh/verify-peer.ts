import { Socket } from 'node:net'
import { inspectContainer } from '../engine/containers'
import type { Engine } from '../engine/engine'
import { statusOf } from '../engine/engine'
import { DockerBashError } from '../errors'
import { endsInside } from '../host/connections'
import type { Target } from '../model'
import type { OpenRoad } from './routes'

/**
 * Makes sure, once a connection stands, that its other end is the container that was resolved: addresses and ports go
 * to the next container at once, a neighbour can take one that it was not given, and containers of one image may share
 * their host keys. No key is offered before. (That the login is inside is shown again, by itself: see proof.ts.)
 * @throws DockerBashError when it is another, or gone
 */
export async function isStill(engine: Engine, target: Target, { road, stream }: OpenRoad): Promise<void> {
  if (road.name === 'exec') return
  const changed = (how: string) =>
    new DockerBashError(
      `${target.name} ${how} while it was being entered; what answers at ${road.where} may be another container`,
      {
        hint: `nothing was sent to it; try again: docker-bash ${target.name}`,
      },
    )
  const inside = road.name === 'address' && stream instanceof Socket ? endsInside(target, stream) : undefined
  try {
    const { State, NetworkSettings } = await inspectContainer(engine, target.id)
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
  if ((await inside) === false) {
    throw new DockerBashError(
      `what answers at ${road.where} is not ${target.name}: the connection does not end in its network`,
      {
        hint: `a neighbour has taken its address, and nothing was sent to it; another way in: docker-bash --via exec ${target.name}`,
      },
    )
  }
}
