import { client } from './client'
import type { Engine } from './engine'
import type { ImageInspectInfo } from './types'

/** What the engine knows of an image. @throws the engine's refusal: 404 no such image, 400 no name of one */
export function inspectImage(engine: Engine, name: string): Promise<ImageInspectInfo> {
  return engine[client].docker.getImage(name).inspect()
}

export async function tagImage(engine: Engine, name: string, as: ImageName): Promise<void> {
  await engine[client].docker.getImage(name).tag(as)
}

/** Takes the name away, and what nothing else is built on. */
export async function removeImage(engine: Engine, name: string): Promise<void> {
  await engine[client].docker.getImage(name).remove()
}

export interface ImageName {
  readonly repo: string
  readonly tag: string
}

export interface ImportOptions extends ImageName {
  /** Lines of a Dockerfile, such as `LABEL a=b`. */
  readonly changes?: readonly string[]
  readonly abort?: AbortSignal
}

/** Makes an image of a root file system. @returns the engine's report as it comes, a JSON value a line */
export function importImage(
  engine: Engine,
  tar: NodeJS.ReadableStream,
  { abort, ...options }: ImportOptions,
): Promise<NodeJS.ReadableStream> {
  return engine[client].docker.importImage(tar, { ...options, ...(abort && { abortSignal: abort }) })
}

/** Reads such a report to its end. @throws Error with what the engine says went wrong */
export function importEnd(engine: Engine, report: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    engine[client].docker.modem.followProgress(report, (error) => (error ? reject(error) : resolve()))
  })
}

export interface BuildOptions {
  readonly buildargs: Readonly<Record<string, string>>
  readonly abort: AbortSignal
}

/**
 * Builds an image that has no name.
 * @param context a tar with the Dockerfile
 * @returns the engine's report as it comes, a JSON value a line
 */
export function startBuild(
  engine: Engine,
  context: Buffer,
  { buildargs, abort }: BuildOptions,
): Promise<NodeJS.ReadableStream> {
  // Podman and Docker both take the archive as it is; the types want a stream or a path.
  const file = context as unknown as NodeJS.ReadableStream
  return engine[client].docker.buildImage(file, { buildargs: { ...buildargs }, forcerm: true, abortSignal: abort })
}
