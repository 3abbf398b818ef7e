import { client } from './client'
import type { Engine } from './engine'

/** Makes sure that a network is there. @throws the engine's refusal: 404 no such network */
export async function inspectNetwork(engine: Engine, name: string): Promise<void> {
  await engine[client].docker.getNetwork(name).inspect()
}

/** Gives a container an interface in a network. */
export async function connectNetwork(engine: Engine, name: string, container: string): Promise<void> {
  await engine[client].docker.getNetwork(name).connect({ Container: container })
}
