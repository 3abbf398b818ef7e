import type { Confinement } from './confinement'

/** The toolbox that is laid into a private copy of the target's mounts. */
export interface Toolbox {
  /** A descriptor of the keeper's: a static busybox. */
  readonly descriptor: number
  /** Where it may lie: the first of these folders that is there and empty. */
  readonly places: readonly string[]
  /** Stands for that folder in words and variables. */
  readonly marker: string
  /** A folder of the host's with more of them, laid beside as `own`. */
  readonly own?: string | undefined
  readonly applets: readonly string[]
}

/** One command on its way into the namespaces of a process. */
export interface WayOrder {
  /** The process, and its start, so that another of the same number is not taken for it. */
  readonly pid: number
  readonly start: number
  /** `ours`: the keeper copies to our terminal, whose end is the command's; `new`: to pipes. */
  readonly terminal?: 'ours' | 'new' | undefined
  readonly size?: { readonly columns: number; readonly rows: number } | undefined
  readonly confinement: Confinement
  readonly toolbox?: Toolbox
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly cwd: string
  readonly words: readonly string[]
  readonly env: readonly string[]
}

/** An order in the fields that the script reads, in its order: each ends with a zero byte. */
export function writeOrder(order: WayOrder, architecture: string = process.arch): string {
  const { confinement: given, toolbox, size } = order
  const several = (fields: readonly (string | number)[]) => [fields.length, ...fields]
  return [
    architecture,
    ...[order.pid, order.start, toolbox?.own ?? ''],
    ...[order.terminal ?? '', size?.rows ?? 0, size?.columns ?? 0],
    ...several(given.cgroups),
    ...[given.oomScore, given.label],
    ...several(given.limits),
    ...several(toolbox ? [toolbox.descriptor, toolbox.marker, ...toolbox.places] : []),
    ...(toolbox ? several(toolbox.applets) : []),
    ...[order.uid, order.gid, ...several(order.groups)],
    ...[given.bounding, given.inheritable, given.noNewPrivileges ? 1 : '', given.umask, order.cwd],
    ...several(order.words),
    ...several(order.env),
  ]
    .map((field) => `${field}\0`)
    .join('')
}
