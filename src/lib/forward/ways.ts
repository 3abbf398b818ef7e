/** The ways by which a container’s network is reached, the better one first. */

export interface ForwardWay {
  readonly name: 'its network namespace' | 'a container beside it'
  readonly fits: boolean
  /** Why, or why not, as a clause. */
  readonly because: string
  /** What it carries. */
  readonly carries: string
  readonly costs: readonly string[]
}

/**
 * @param refused why its namespaces cannot be entered, as a clause
 * @param hasPerl this host has one to bring along
 */
export function forwardWays(refused: string | undefined, hasPerl: boolean): readonly [ForwardWay, ForwardWay] {
  return [
    {
      name: 'its network namespace',
      fits: refused === undefined,
      because: refused ?? 'root on this host: sockets of its own network, handed out',
      carries: 'TCP, UDP and Unix sockets, both ways, and -D',
      costs: ['no byte passes a helper'],
    },
    {
      name: 'a container beside it',
      fits: true,
      because: refused ?? 'everybody who may ask the engine',
      ...(hasPerl ? byPerl : byNc),
    },
  ]
}

const ours = 'a container of ours in its network as long as it lasts'

const byPerl = {
  carries: 'TCP, UDP and Unix sockets, both ways, and -D',
  costs: [
    ours,
    'all bytes pass a program in it and the engine',
    'for a path of its files: also in its PID namespace, with SYS_PTRACE, SYS_CHROOT and DAC_OVERRIDE',
  ],
}

const byNc = {
  carries: 'TCP ports of it, and -D; for the rest there is no perl on this host',
  costs: [
    ours,
    'each connection is an exec of the engine’s',
    'a connection ends when the container’s side has sent its end',
  ],
}
