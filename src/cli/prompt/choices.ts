import { isStopped, type Listed, stateWords } from '../../lib/target/container-list'
import { type Column, inColumns } from '../../lib/terminal/table'
import { safe } from '../../lib/text/escape-controls'

/** A container to choose, as one line, and what it is found by. */
export interface Choice {
  readonly listed: Listed
  /** How it would be entered: `by exec`, `a copy, by debug`. */
  readonly way: string
  /** It cannot be entered as it is. */
  readonly stopped: boolean
}

/**
 * In the order somebody will look for them: the last one used, then what runs, then what does not, the newest first.
 * @param listed the newest first, as engines list them
 * @param recent IDs, the last one used first
 */
export function ordered(listed: readonly Listed[], recent: readonly string[]): Listed[] {
  const last = recent.find((id) => listed.some((one) => one.id === id))
  const rank = ({ id, state }: Listed) => (id === last ? 0 : isStopped(state) ? 2 : 1)
  return [...listed].sort((a, b) => rank(a) - rank(b))
}

/**
 * Those that fit what was typed: each word of it is in the name, image, compose service or project, or begins the ID.
 * The name itself comes first, then those that begin with it.
 */
export function matching(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = ({ listed: { id, name, image, service = '', project = '' } }: Choice) => {
    const text = [name, image, service, project].join('\n').toLowerCase()
    return words.every((word) => text.includes(word) || id.startsWith(word))
  }
  const [first = ''] = words
  const rank = ({ listed: { name } }: Choice) => (name === first ? 0 : name.toLowerCase().startsWith(first) ? 1 : 2)
  return choices.filter(fits).sort((a, b) => rank(a) - rank(b))
}

const columns: readonly Column[] = [
  { least: 12 },
  { least: 7, leaveOut: 1 },
  { least: 8, cut: 'start', leaveOut: 2 },
  { least: 7, leaveOut: 3 },
]

/** Each as a line of at most so many columns. Every character is safe and one column wide. */
export function linesOf(choices: readonly Choice[], width: number): string[] {
  const rows = choices.map(({ listed, way }) => [listed.name, stateWords(listed), listed.image, way].map(plain))
  return inColumns(rows, columns, width)
}

/** What a line has no room for. */
export function moreOf({ listed: { id, image, service, project } }: Choice): string {
  const compose = service ? `  service ${service}${project ? ` of ${project}` : ''}` : ''
  return plain(`${id.slice(0, 12)}  ${image}${compose}`)
}

/** Other scripts too as escapes: what they look like, and how wide they are, is up to the terminal. */
export function plain(text: string): string {
  return safe(text).replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
