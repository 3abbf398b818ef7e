/**
 * Names of files are bytes, and need not be UTF-8. Where they are handled they are texts of a character a byte
 * (Node's latin1), so that each is what it was; here they become what people read, and back.
 */

/** A text as the bytes of a name. */
export function byteName(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** A name for people: as UTF-8 where it is that, else with its bytes written out. It still needs `safe`. */
export function shownName(name: string): string {
  const bytes = Buffer.from(name, 'latin1')
  const text = bytes.toString()
  if (!text.includes('\ufffd')) return text
  return Buffer.from(text).equals(bytes)
    ? text
    : name.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
}
