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

/**
 * A value as JSON that is as safe to print: what JSON leaves as it is within its strings (DEL, C1, bidi and the like) is
 * written as `\u` and four digits, which every reader of JSON takes for the same text.
 * @param space as for JSON.stringify
 */
export function safeJson(value: unknown, space?: number): string {
  // Its own line breaks are all that is left of C0 in it.
  return JSON.stringify(value, null, space).replace(unsafe, (character) =>
    character === '\n' ? character : Array.from({ length: character.length }, (_, at) => unit(character, at)).join(''),
  )
}

function unit(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
}

function visible(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}
