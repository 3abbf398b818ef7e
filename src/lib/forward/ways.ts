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

/** @param refused why its namespaces cannot be entered, as a clause */
export function forwardWays(refused: string | undefined): readonly [ForwardWay, ForwardWay] {
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
      carries: 'TCP ports of it, and -D',
      costs: [
        'a container of ours in its network as long as it lasts',
        'each connection is an exec of the engine’s',
        'a connection ends when the container’s side has sent its end',
      ],
    },
  ]
}
