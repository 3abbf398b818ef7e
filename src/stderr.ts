import { isatty } from 'node:tty'
import { Sink } from './lib/session/sink'

/**
 * Node's own process.stderr makes a pipe there non-blocking, for us and for everybody who shares it; and Node looks at
 * it by itself, whenever a socket is closed. So it is one of ours, unless there is a terminal: that is opened anew.
 */
export function shareStderr(): void {
  const own = Object.getOwnPropertyDescriptor(process, 'stderr')
  let stderr: unknown
  const get = () => {
    stderr ??= isatty(2) ? own?.get?.call(process) : new Sink(2)
    return stderr
  }
  Object.defineProperty(process, 'stderr', { configurable: true, enumerable: true, get })
}
