import { client } from './client'
import type { Engine } from './engine'
import type { ContainerCreateOptions, ContainerInfo, ContainerInspectInfo, ListOptions } from './types'

/** What the engine knows of a container. @throws the engine's refusal: 404 no such container */
export function inspectContainer(engine: Engine, id: string): Promise<ContainerInspectInfo> {
  return engine[client].docker.getContainer(id).inspect()
}

/** The engine's containers, the newest first. */
export function listContainers(engine: Engine, options?: ListOptions): Promise<ContainerInfo[]> {
  return engine[client].docker.listContainers(options)
}

/** @returns its full ID @throws the engine's refusal: 404 no such image, 409 the name is taken */
export async function createContainer(engine: Engine, options: ContainerCreateOptions): Promise<string> {
  return (await engine[client].docker.createContainer(options)).id
}

export async function startContainer(engine: Engine, id: string): Promise<void> {
  await engine[client].docker.getContainer(id).start()
}

/** Stops all processes of a container where they are. @throws the engine's refusal: 409 it does not run, or is paused */
export async function pauseContainer(engine: Engine, id: string): Promise<void> {
  await engine[client].docker.getContainer(id).pause()
}

export async function unpauseContainer(engine: Engine, id: string): Promise<void> {
  await engine[client].docker.getContainer(id).unpause()
}

/** Settles when it runs no more. @param abort gives the question up, as an error */
export async function waitForEnd(engine: Engine, id: string, abort: AbortSignal): Promise<void> {
  await engine[client].docker.getContainer(id).wait({ condition: 'not-running', abortSignal: abort })
}
