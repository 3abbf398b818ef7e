/**
 * Text from containers, engines and networks, made safe to print: nothing in it can move the cursor, change colours,
 * set the window's title or turn the reading direction. Each such character becomes a visible escape.
 */
const unsafe =
  // C0 and DEL, C1, Arabic letter mark, zero width and bidi marks, line separators, bidi embeddings and isolates,
  // interlinear annotations, tags, lone surrogates.
  /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu

/** One line of text with every unsafe character (newlines too) written as an escape: `\x1b`, `\n`, `\u202e`. */
export function safe(text: string): string {
  return text.replace(unsafe, visible)
}

function visible(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}
