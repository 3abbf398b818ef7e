import taking from './take-words.line.sh'

/**
 * Words handed over by a shell's input instead of by its argv, which everybody on the host and inside may read.
 *
 * Lines, because a terminal may stand in between: no more than a terminal takes in a line, and nothing in them but
 * printable ASCII, so that no byte means something to it. A word is any number of pieces, `+` as it stands or `%` with
 * escapes of printf's %b, and ends with `,`; all of it ends with `.`.
 */

/** A terminal takes 4095 bytes in a line. */
const longest = 2000

/** The lines that `takeWords` reads. */
export function asLines(words: readonly string[]): string {
  return `${words.map((word) => `${pieces(Buffer.from(word)).join('')},\n`).join('')}.\n`
}

function pieces(word: Buffer): string[] {
  const lines: string[] = []
  let line = ''
  let escaped = false
  const end = () => {
    if (line !== '') lines.push(`${escaped ? '%' : '+'}${line}\n`)
    line = ''
    escaped = false
  }
  for (const byte of word) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c
    // A piece is of one kind, so that most words need no printf; one with escapes goes on as it began.
    if (!isPlain && !escaped && line.length > longest / 2) end()
    if (!isPlain && !escaped) escaped = true
    line += isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`
    if (line.length >= longest) end()
  }
  end()
  return lines
}

/** Lines of sh that set the positional parameters to what comes in; it ends with 129 when the input ends before. */
export const takeWords = `${taking};`
