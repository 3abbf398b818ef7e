import type { Runtime } from '../../model'

/** Descriptors the runtime is started with, besides the three of every program. */
export const fds = { barrier: 3, output: 4, spec: 5, log: 6 } as const

interface Inside {
  readonly tty: boolean
  readonly hasBarrier: boolean
  /** A pipe for the output comes along. */
  readonly hasOutput?: boolean
}

/** argv of the runtime's exec. Its spec and log are files without names, reached by descriptor. */
export function runtimeWords(runtime: Runtime, id: string, options: Inside): string[] {
  const at = (fd: number) => `/proc/self/fd/${fd}`
  return [
    runtime.file,
    ...['--root', runtime.root, '--log', at(fds.log), '--log-format', 'json'],
    ...(runtime.systemd ? ['--systemd-cgroup'] : []),
    'exec',
    ...(options.tty ? ['--tty'] : []),
    // Descriptor 3 is the barrier's, and 4 what it gives the command as its output. It closes them before that begins.
    ...(options.hasBarrier ? ['--preserve-fds', options.hasOutput ? '2' : '1'] : []),
    ...['--process', at(fds.spec)],
    id,
  ]
}
