import { isatty } from 'node:tty'
import { Sink } from '../lib/session/sink'

/**
 * Node's own process.stdout and process.stderr make a pipe there non-blocking, for us and for everybody who shares it;
 * and Node looks at them by itself, whenever a socket is closed, as libraries do when they are loaded. So they are ours
 * from the start, unless there is a terminal: that is opened anew.
 */
function share(name: 'stdout' | 'stderr', fd: 1 | 2): void {
  const own = Object.getOwnPropertyDescriptor(process, name)
  let stream: unknown
  const get = () => {
    stream ??= isatty(fd) ? own?.get?.call(process) : new Sink(fd)
    return stream
  }
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get })
}

share('stdout', 1)
share('stderr', 2)
