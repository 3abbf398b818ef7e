import { closeSync, fstatSync, readSync } from 'node:fs'
import { namelessFile } from '../../host/anonymous-file'

/**
 * The runtime's log: empty unless something went wrong. What it fails with stands here before it stands on its
 * stderr, which is also the command's.
 */
export class RuntimeLog {
  readonly fd: number

  static async open(): Promise<RuntimeLog> {
    return new RuntimeLog(await namelessFile())
  }

  private constructor(fd: number) {
    this.fd = fd
  }

  close(): void {
    closeSync(this.fd)
  }

  /** Its last error; undefined when there was none. */
  failure(): string | undefined {
    const { size } = fstatSync(this.fd)
    if (size === 0) return undefined
    const bytes = Buffer.alloc(size)
    const text = bytes.subarray(0, readSync(this.fd, bytes, 0, size, 0)).toString()
    return lastError(text)
  }
}

/** The last error in the text of a runtime's log. */
export function lastError(text: string): string | undefined {
  return text.split('\n').reverse().flatMap(errorOf)[0]
}

function errorOf(line: string): string | [] {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null) return []
    const { level, msg } = entry as { level?: unknown; msg?: unknown }
    return (level === 'error' || level === 'fatal') && typeof msg === 'string' ? msg : []
  } catch {
    return []
  }
}
