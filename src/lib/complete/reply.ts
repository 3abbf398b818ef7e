import { safe } from '../text/escape-controls'

/** One thing that the word under the cursor may become. */
export interface Candidate {
  readonly word: string
  /** For the shells that show one; may be anybody's text. */
  readonly about?: string | undefined
}

/** What the shell shall do besides, by cobra's numbers, which every script of Docker's own completion knows. */
export const Directive = { files: 0, noSpace: 2, nothing: 4, folders: 16 } as const

export interface Reply {
  readonly candidates: readonly Candidate[]
  readonly directive: number
}

export const nothing: Reply = { candidates: [], directive: Directive.nothing }

/** Those that begin like `word`. @param head what stands in front of each, and of `word` */
export function among(all: readonly Candidate[], word: string, head = ''): Reply {
  const candidates = all
    .filter((one) => one.word.startsWith(word))
    .map((one) => (head ? { ...one, word: head + one.word } : one))
  const goOn = candidates.length > 0 && candidates.every((one) => /[:=/]$/.test(one.word))
  return { candidates, directive: Directive.nothing | (goOn ? Directive.noSpace : 0) }
}

/**
 * A reply as text: a candidate a line, a tab before what it is, at the end a colon and the directive.
 *
 * What some shell could take for more than a word is left out: labels can hold anything, and scripts of older clients
 * give candidates to `compgen -W`, which expands them.
 */
export function format({ candidates, directive }: Reply): string {
  const seen = new Set<string>()
  const lines = candidates.flatMap(({ word, about }) => {
    if (seen.has(word) || !isPlain(word)) return []
    seen.add(word)
    return [about ? `${word}\t${safe(about).slice(0, 80)}\n` : `${word}\n`]
  })
  return `${lines.join('')}:${directive}\n`
}

/** Nothing that a shell expands, splits or takes for a comment; `#` may stand inside, as in `web#2`. */
function isPlain(word: string): boolean {
  return /^[\w/.:@%+,=-][\w/.:@%+,=#-]*$/.test(word) && word.length <= 256
}
