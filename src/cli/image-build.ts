import type { EndpointChoice } from '../lib/engine/endpoint'
import { safe } from '../lib/text/escape-controls'
import { untilSignal } from './abort-on-signal'
import { reachEngine } from './engine'
import { BuildProgress } from './output/build-progress'
import { print, printJson } from './output/print'
import { packaged } from './package-path'

export interface BuildFlags extends EndpointChoice {
  readonly from?: string | undefined
  readonly tag?: string | undefined
  readonly without?: string | undefined
  readonly json: boolean
}

/** Builds the base image and prints its name and ID. @returns the exit code */
export async function buildBase(flags: BuildFlags): Promise<number> {
  const { parseBase, parseWithout } = await import('../lib/image/base')
  const { parseTag, usualImage } = await import('../lib/image/reference')
  const { buildContext } = await import('../lib/image/context')
  const { buildImage } = await import('../lib/image/build')
  const { repo, tag } = parseTag(flags.tag ?? usualImage)
  const name = `${repo}:${tag}`
  const recipe = {
    tag: name,
    base: flags.from === undefined ? undefined : parseBase(flags.from),
    without: parseWithout(flags.without ?? ''),
    context: await buildContext(packaged('image')),
  }
  const engine = await reachEngine(flags)
  const progress = new BuildProgress()
  const said = progress.said.bind(progress)
  return untilSignal(async (signal) => {
    let ok = false
    try {
      const id = await buildImage(engine, recipe, { signal, said })
      ok = true
      progress.ended(ok)
      await (flags.json ? printJson({ name, id }) : print(`${safe(name)}  ${safe(id)}\n`))
    } finally {
      if (!ok) progress.ended(false)
    }
  })
}
