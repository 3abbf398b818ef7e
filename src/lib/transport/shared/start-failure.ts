import { userErrorOf } from '../../host/user-errors'

/** What a runtime's or an engine's words about a start are about. */
export type StartFailure = 'program' | 'denied' | 'format' | 'folder' | 'user' | 'arguments' | 'other'

/**
 * Tells from the words of runc, crun and the engines around them. That something is not there is said of much besides
 * the program: only what names it, as a program to be run, is about it.
 * @param program the first of the words that were to be run
 */
export function readFailure(words: string, program: string): StartFailure {
  const text = words.slice(0, mostWords)
  if (/chdir (?:to cwd|`)|working directory/i.test(text)) return 'folder'
  if (userErrorOf(text, '', '')) return 'user'
  if (/argument list too long/i.test(text)) return 'arguments'
  if (/executable file(?: not found| [`'"])|command that was not found/i.test(text)) return 'program'
  if (/^open executable: /.test(text) || text.includes(': open executable: ')) return 'denied'
  const about = aboutProgram(text, program)
  if (about === undefined) return 'other'
  if (/exec format error|corrupted shared library/i.test(about)) return 'format'
  if (/permission denied|is a directory/i.test(about)) return 'denied'
  return /no such file or directory|not a directory|too many levels of symbolic links/i.test(about)
    ? 'program'
    : 'other'
}

/** In characters: what is behind that is nobody's message. */
export const mostWords = 16 * 1024

/** What is said of the program: behind its name in quotes, or behind `exec`. */
function aboutProgram(text: string, program: string): string | undefined {
  const quoted = JSON.stringify(program)
  const names = [`exec: ${quoted}: `, `exec ${program}: `, `\`${program}\`: `, `'${program}': `, `${quoted}: `]
  const found = names.find((name) => text.includes(name))
  if (found !== undefined) return text.slice(text.indexOf(found) + found.length)
  // Where PATH led to it, it has another name; older ones have none.
  for (let from = 0; ; ) {
    const colon = text.indexOf(':', from)
    if (colon < 0) return undefined
    const head = text.slice(from, colon)
    const isAbout = /\bexec \/|exec container process|exec user process caused$/.test(head) || text.startsWith('exec: ')
    if (isAbout && text[colon + 1] === ' ') return text.slice(colon + 2)
    from = colon + 1
  }
}

/** The runtime found nothing to run at the path it was given. */
export function isMissing(text: string, program: string): boolean {
  return ['program', 'denied', 'format'].includes(readFailure(text, program))
}
