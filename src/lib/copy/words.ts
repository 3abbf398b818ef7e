import { DockerBashError } from '../errors'
import { shownName } from '../text/byte-names'

/** One end of a copy. Paths are texts of a character a byte: see text/byte-names.ts. */
export type Place =
  | { readonly kind: 'here'; readonly path: string; readonly word: string }
  | { readonly kind: 'inside'; readonly target: string; readonly path: string; readonly word: string }
  /** `-`: a tar, on stdin or stdout. */
  | { readonly kind: 'stream'; readonly word: string }

export interface CopyWords {
  readonly sources: readonly Place[]
  readonly to: Place
}

/** As in TARGET: lib/target/parse.ts. */
const prefix = /^(?:name|id|service|image|label|task):/

/**
 * Reads `TARGET:PATH`, a path of ours or `-`. What begins with `/`, `./` or `../` is a path of ours, whatever is in it.
 * @param typed of a character a byte
 * @throws DockerBashError when a container's path is missing
 */
export function parsePlace(typed: string): Place {
  const word = shownName(typed)
  if (word === '-') return { kind: 'stream', word }
  if (word === '') throw new DockerBashError('a path is empty', { hint: 'a folder by its name, this one as .' })
  const start = prefix.exec(typed)?.[0].length ?? 0
  const colon = typed.indexOf(':', start)
  const target = shownName(typed.slice(0, colon))
  if (colon < 0 || /^[./]/.test(typed) || target === '') return { kind: 'here', path: typed, word }
  const path = typed.slice(colon + 1)
  if (path === '') {
    throw new DockerBashError(`no path behind "${word}"`, {
      hint: `the root of its files is ${word}/; a file here of that name is ./${word}`,
    })
  }
  return { kind: 'inside', target, path, word }
}

/**
 * @param words of a character a byte
 * @throws DockerBashError unless there are sources and a destination, and something is to be done inside
 */
export function parseCopy(words: readonly string[]): CopyWords {
  if (words.length < 2) {
    throw new DockerBashError(words.length === 0 ? 'nothing to copy' : 'no destination', {
      hint: 'docker-bash cp web:/etc/hosts . or docker-bash cp app.conf web:/etc/',
    })
  }
  const places = words.map(parsePlace)
  const sources = places.slice(0, -1)
  const to = places.at(-1) as Place
  if (![...sources, to].some(({ kind }) => kind === 'inside')) {
    throw new DockerBashError('no path of a container', { hint: 'write it as TARGET:PATH: web:/etc/hosts' })
  }
  if (sources.some(({ kind }) => kind === 'stream') && sources.length > 1) {
    throw new DockerBashError('a stream and other sources at once', { hint: 'copy them one after the other' })
  }
  return { sources, to }
}

/** As octal. @throws DockerBashError */
export function parseMode(text: string): number {
  if (/^0?[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8)
  throw new DockerBashError(`invalid mode "${text}" for --chmod`, { hint: 'use octal digits: 644, 0750' })
}
