import stringWidth from 'string-width'

/** Where a text loses what has no room. */
export type CutAt = 'start' | 'end'

const ascii = /^[ -~]*$/

/** How many columns of a terminal a text takes. Colours take none; other control characters must have been escaped. */
export function widthOf(text: string): number {
  // string-width takes milliseconds to load, and most text is ASCII.
  return ascii.test(text) ? text.length : stringWidth(text)
}

/**
 * A text without control characters, cut to so many columns.
 * @param sign stands where something had to go, within those columns
 */
export function cut(text: string, columns: number, at: CutAt = 'end', sign = '…'): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  const room = columns - widthOf(sign)
  return at === 'end' ? kept(text, room, at) + sign : sign + kept(text, room, at)
}

/** A text with blanks behind it, up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

function kept(text: string, columns: number, at: CutAt): string {
  if (ascii.test(text)) return at === 'end' ? text.slice(0, columns) : text.slice(text.length - columns)
  // What a reader sees as one character, such as a letter and its accent, stays whole.
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
  if (at === 'start') characters.reverse()
  const shown: string[] = []
  let width = 0
  for (const character of characters) {
    width += widthOf(character)
    if (width > columns) break
    shown.push(character)
  }
  return (at === 'start' ? shown.reverse() : shown).join('')
}
