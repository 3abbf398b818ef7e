import { openSync } from 'node:fs'

/** A descriptor of the terminal we belong to, whatever our input and output are; undefined when there is none. */
export function ownTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+')
  } catch {
    return undefined
  }
}
