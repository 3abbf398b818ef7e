import { parseLine } from '../ssh/authorized'
import type { PublicKey } from '../ssh/fingerprint'

/**
 * Changes of an authorized_keys file, as pure functions of its text. Bytes are Latin-1 characters here, so that what is
 * no UTF-8 comes through; every line that is not meant stays as it is, comments, blank lines and line ends too.
 */
export type Change = (text: string) => string

/** Adds a key, unless it is there already without conditions (`from=`, `command=`), which ours must not have. */
export function add(line: string, key: PublicKey): Change {
  return (text) => {
    if (linesOf(text).some((one) => isKey(one, key) && parseLine(one)?.options === '')) return text
    const gap = text === '' || text.endsWith('\n') ? '' : '\n'
    return `${text}${gap}${Buffer.from(line).toString('latin1')}\n`
  }
}

/** Takes keys out, however often they are there and whatever options they have. */
export function remove(keys: readonly PublicKey[]): Change {
  return (text) =>
    text
      .split(/(?<=\n)/)
      .filter((line) => !keys.some((key) => isKey(line, key)))
      .join('')
}

/** Takes back what `add` put in: the last line that is just this one. */
export function takeBack(line: string): Change {
  const added = Buffer.from(line).toString('latin1')
  return (text) => {
    const lines = text.split(/(?<=\n)/)
    const at = lines.findLastIndex((one) => one.replace(/\n$/, '') === added)
    return at < 0 ? text : lines.toSpliced(at, 1).join('')
  }
}

export function holds(text: string, key: PublicKey): boolean {
  return linesOf(text).some((line) => isKey(line, key))
}

function isKey(line: string, key: PublicKey): boolean {
  return parseLine(line.replace(/\r?\n$/, ''))?.key.blob.equals(key.blob) ?? false
}

function linesOf(text: string): string[] {
  return text.split('\n')
}
