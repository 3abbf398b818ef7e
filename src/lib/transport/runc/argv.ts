import type { Runtime } from '../../model'

/** Descriptors the runtime is started with, besides the three of every program. */
export const fds = { hear: 3, say: 4, spec: 5, log: 6 } as const

/** argv of the runtime's exec. Its spec and log are files without names, reached by descriptor. */
export function runtimeWords(runtime: Runtime, id: string, options: { tty: boolean; hasBarrier: boolean }): string[] {
  const at = (fd: number) => `/proc/self/fd/${fd}`
  return [
    runtime.file,
    ...['--root', runtime.root, '--log', at(fds.log), '--log-format', 'json'],
    ...(runtime.systemd ? ['--systemd-cgroup'] : []),
    'exec',
    ...(options.tty ? ['--tty'] : []),
    // Descriptors 3 and 4: the barrier's. It closes them before the command begins.
    ...(options.hasBarrier ? ['--preserve-fds', '2'] : []),
    ...['--process', at(fds.spec)],
    id,
  ]
}
