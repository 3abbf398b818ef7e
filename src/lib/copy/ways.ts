/** The ways by which files of a container are copied, the better one first. */

export type CopyWayName = 'its mount namespace' | 'the engine’s archives'

export interface CopyWay {
  readonly name: CopyWayName
  readonly fits: boolean
  /** Why, or why not, as a clause. */
  readonly because: string
  readonly costs: readonly string[]
}

/** What is known of a container, and of us. */
export interface CopyFacts {
  readonly state: string
  /** Its engine is on this host. */
  readonly local: boolean
  /** Why not, as a clause. */
  readonly foreign?: string | undefined
  readonly root: boolean
  /** The process that the engine names is the container’s. */
  readonly certain: boolean
}

/** Both; the first that fits is taken. */
export function copyWays(facts: CopyFacts): readonly [CopyWay, CopyWay] {
  const refused = refusal(facts)
  return [
    {
      name: 'its mount namespace',
      fits: refused === undefined,
      because: refused ?? 'root on this host: its own mounts, file to file within the kernel',
      costs: ['a program of this host’s for each side', 'small files go through both, many at a time'],
    },
    {
      name: 'the engine’s archives',
      fits: true,
      because: refused ?? 'everybody who may ask the engine',
      costs: [
        'each byte goes through the engine and docker-bash, as a tar',
        'what is in memory (tmpfs) is refused, and a read-only root as a whole',
        'a pattern, and -n, are asked of the engine beforehand',
        'what was unpacked before an error stays',
      ],
    },
  ]
}

function refusal({ state, local, foreign, root, certain }: CopyFacts): string | undefined {
  if (state !== 'running' && state !== 'paused') return `it is ${state}`
  if (!local) return foreign ?? 'its engine is not on this host'
  if (!root) return 'only root on this host can enter its mounts'
  if (!certain) return 'nothing here says that the process the engine names is the container’s'
  return undefined
}
