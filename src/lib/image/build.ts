import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Engine, refusalOf, statusOf } from '../engine/engine'
import { importImage, inspectImage, removeImage, startBuild, tagImage } from '../engine/images'
import { DockerBashError } from '../errors'
import { readAnswer, type Word } from './answer'
import type { Base } from './base'
import { buildFailure } from './failure'
import { parseTag } from './reference'

export interface Recipe {
  /** The build context, a tar. */
  readonly context: Buffer
  /** Default: what the Dockerfile says. */
  readonly base?: Base | undefined
  readonly without: readonly string[]
  readonly tag: string
}

export interface Watch {
  /** Ends the work; what was made for it is taken away again. */
  readonly signal: AbortSignal
  readonly said: (word: Word) => void
}

/**
 * Builds the image through the engine's API. It is tagged by a request of its own when it is whole, so that one that
 * was given up never has the name.
 * @returns its ID, `sha256:…`
 * @throws DockerBashError with the last of the build's log; the signal's reason when that ended it
 */
export async function buildImage(engine: Engine, recipe: Recipe, watch: Watch): Promise<string> {
  const { repo, tag } = parseTag(recipe.tag)
  const base = recipe.base?.kind === 'rootfs' ? await importRootfs(engine, recipe.base.path, watch) : undefined
  let id: string
  try {
    id = await build(engine, { ...recipe, ...(base && { base }) }, watch)
    watch.signal.throwIfAborted()
    await tagImage(engine, id, { repo, tag })
    id = (await inspectImage(engine, id)).Id
  } catch (error) {
    // Why there is no image says more than why its base could not be taken away, too.
    if (base) await forget(engine, base.name).catch(() => {})
    throw reasonOf(error, watch.signal, (text) => buildFailure({ error: text, log: [], naming: recipe.tag }))
  }
  if (base) await forget(engine, base.name)
  return id
}

type Imported = Extract<Base, { kind: 'image' }>

async function importRootfs(engine: Engine, path: string, { signal, said }: Watch): Promise<Imported> {
  const repo = 'docker-bash-import'
  const tag = randomBytes(8).toString('hex')
  const name = `${repo}:${tag}`
  const file = createReadStream(path)
  said({ kind: 'log', text: `importing ${path}` })
  try {
    const unread = new Promise<never>((_, reject) => file.once('error', reject))
    const answer = importImage(engine, file, { repo, tag, abort: signal })
    const { error, log } = await follow(Promise.race([answer, unread]), { signal, said })
    if (error !== undefined) throw buildFailure({ error, log, importing: path })
    return { kind: 'image', name }
  } catch (error) {
    await forget(engine, name).catch(() => {})
    throw reasonOf(error, signal, (text) => buildFailure({ error: text, log: [], importing: path }))
  } finally {
    file.destroy()
  }
}

async function build(engine: Engine, { context, base, without }: Recipe, watch: Watch): Promise<string> {
  const buildargs = {
    ...(base?.kind === 'image' && { BASE: base.name }),
    ...(without.length > 0 && { WITHOUT: without.join(',') }),
    // Another value makes another key of the image's own.
    BUILD: randomBytes(16).toString('hex'),
  }
  const failure = (error: string, log: readonly string[] = [], step?: string) =>
    buildFailure({ error, log, step, base: base?.kind === 'image' ? base.name : undefined })
  try {
    const answer = startBuild(engine, context, { buildargs, abort: watch.signal })
    const { error, log, step, id } = await follow(answer, watch)
    if (error !== undefined || id === undefined) throw failure(error ?? 'the engine named no image', log, step)
    return id
  } catch (error) {
    throw reasonOf(error, watch.signal, failure)
  }
}

interface Followed {
  readonly error?: string
  readonly id?: string
  readonly step?: string
  readonly log: readonly string[]
}

/** Reads an answer to its end, keeping the last of the log. */
async function follow(answering: Promise<NodeJS.ReadableStream>, { said }: Watch): Promise<Followed> {
  const log: string[] = []
  const found: { error?: string; id?: string; step?: string } = {}
  for await (const word of readAnswer(await answering)) {
    said(word)
    if (word.kind === 'error') found.error = word.text
    else if (word.kind === 'image') found.id = word.id
    else if (word.kind === 'step') found.step = word.text
    else {
      const [, id] = /^Successfully built ([0-9a-f]{12,64})$/.exec(word.text) ?? []
      if (id) found.id ??= id
      log.push(word.text)
      if (log.length > 12) log.shift()
    }
  }
  return { ...found, log }
}

/** The user's own end of it, our own error, the engine's refusal, in this order. */
function reasonOf(error: unknown, signal: AbortSignal, refused: (text: string) => DockerBashError): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof DockerBashError) return error
  return statusOf(error) === undefined
    ? refused(`the connection was lost: ${refusalOf(error)}`)
    : refused(refusalOf(error))
}

/** Takes the tag away, and what nothing else is built on; an image that was never made is not an error. */
async function forget(engine: Engine, name: string): Promise<void> {
  await removeImage(engine, name).catch((error: unknown) => {
    if (statusOf(error) === 404) return
    throw new DockerBashError(`the image is made, but ${name} is still there: ${refusalOf(error)}`, {
      hint: `it was only there to build on: docker rmi ${name}`,
      cause: error,
    })
  })
}
