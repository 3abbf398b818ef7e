import { among, type Candidate, Directive, nothing, type Reply } from './reply'
import type { World } from './world'

/** As in TARGET: lib/target/parse.ts. */
const prefix = /^(?:name|id|service|image|label|task):/

/** `TARGET:PATH`, by the names in that folder of it; a TARGET, a colon behind it; or a path of ours. */
export async function places(word: string, given: readonly string[], world: World): Promise<Reply> {
  const ours: Reply = { candidates: [], directive: Directive.files }
  if (/^[./~]/.test(word)) return ours
  const front = prefix.exec(word)?.[0] ?? ''
  const colon = word.indexOf(':', front.length)
  if (colon < 0) return word.includes('/') && front === '' ? ours : firstWords(word, front, world)
  const path = word.slice(colon + 1)
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const start = path.slice(folder.length)
  // What is copied from stands first.
  const inside = await world.inside(word.slice(0, colon), given.length === 0)
  const names = inside?.names(folder, start) ?? []
  const head = word.slice(0, colon + 1) + (path === '' ? '/' : folder)
  return among(
    names.map((name) => ({ word: `${head}${name}` })),
    word,
  )
}

/** Containers, and files here that begin so; the shell looks for files alone where there is neither. */
async function firstWords(word: string, front: string, world: World): Promise<Reply> {
  const targets = (await world.targets(word, true))
    // A colon in it would end it here.
    .filter((one) => !one.word.slice(prefix.exec(one.word)?.[0].length ?? 0).includes(':'))
    .map((one) => (one.word.endsWith(':') ? one : { ...one, word: `${one.word}:` }))
  const names = front === '' ? world.names(word).filter((name) => !name.includes(':')) : []
  const all: Candidate[] = [...targets, ...names.map((name) => ({ word: name }))]
  const reply = among(all, word)
  return reply.candidates.length > 0 || front !== '' ? reply : { candidates: [], directive: Directive.files }
}

/** Ports that listen in it, or that its image names: as the word's last part, behind what is typed of it. */
export async function ports(word: string, target: string, flags: readonly string[], world: World): Promise<Reply> {
  // The port that is looked for is here, then.
  if (flags.includes('--reverse')) return nothing
  const head = word.slice(0, word.lastIndexOf(':') + 1)
  const isUdp = flags.includes('--udp') || head.startsWith('udp:')
  const inside = await world.inside(target, false)
  const fitting = (inside?.ports ?? []).filter(({ udp }) => udp === isUdp)
  return among(
    fitting.map(({ port, about }) => ({ word: `${head}${port}`, about })),
    word,
  )
}
