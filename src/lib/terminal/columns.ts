/** Combining marks and joiners: drawn over what is before them. */
const none = /^(?:\p{Mn}|\p{Me}|\u200d|[\ufe00-\ufe0f])$/u
/** East Asian wide and full-width characters, and emoji: two columns. */
const two =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u

/** How many columns a text takes that holds no control characters. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** A text cut to so many columns, the last of them an ellipsis if something had to go. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let width = 0
  let kept = ''
  for (const character of text) {
    width += columnsOf(character)
    if (width > columns - 1) return columns > 0 ? `${kept}…` : ''
    kept += character
  }
  return kept
}

/** A text as wide as a column of a table: cut, or with blanks behind it. */
export function padded(text: string, columns: number): string {
  const shown = cut(text, columns)
  return shown + ' '.repeat(Math.max(0, columns - widthOf(shown)))
}

function columnsOf(character: string): number {
  if (character <= '~') return 1
  return none.test(character) ? 0 : two.test(character) ? 2 : 1
}
