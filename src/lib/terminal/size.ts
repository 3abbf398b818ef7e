import { isatty } from 'node:tty'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The size of the terminal we write to; undefined when there is none or it does not know. */
export function terminalSize(): TerminalSize | undefined {
  // Only these two streams of Node's follow a resize.
  const stream = isatty(1) ? process.stdout : isatty(2) ? process.stderr : undefined
  return stream && stream.columns > 0 && stream.rows > 0 ? { columns: stream.columns, rows: stream.rows } : undefined
}

/**
 * Calls back with each new size. While a call is under way only the last size is kept: dragging a window's corner
 * makes dozens.
 * @returns the function that stops it
 */
export function onResize(take: (size: TerminalSize) => Promise<void>): () => void {
  let busy = false
  let again = false
  const changed = async () => {
    again = true
    if (busy) return
    busy = true
    while (again) {
      again = false
      const size = terminalSize()
      // The command may end between two sizes; its ending says so better.
      if (size) await take(size).catch(() => undefined)
    }
    busy = false
  }
  const listener = () => void changed()
  process.on('SIGWINCH', listener)
  return () => process.off('SIGWINCH', listener)
}
