/**
 * The one quoter. A login over SSH hands its command to the user's shell as one string; there is no other way.
 *
 * Everything but a few harmless characters goes between single quotes, in which sh, dash, bash, busybox and zsh change
 * nothing, newlines and bytes that are no UTF-8 included. A word with NUL cannot exist on the other side either.
 */
export function quote(word: string): string {
  if (/^[\w./:@%+,-]+$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** A command line that any of these shells takes apart into just these words. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ')
}
