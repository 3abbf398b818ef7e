import type { Confinement } from './confinement'

/** Tools that are laid into a private copy of the target's mounts. */
export interface BroughtTools {
  /** A descriptor of the supervisor's: the programs, one behind the other. */
  readonly descriptor: number
  /** Their names, in that order, and how many bytes each has. */
  readonly files: readonly { readonly name: string; readonly size: number }[]
  /** More names, each with the file's. */
  readonly links: readonly (readonly [name: string, file: string])[]
  /** Where they may lie: the first of these folders that is there and empty. */
  readonly places: readonly string[]
  /** Stands for that folder in words and variables. */
  readonly marker: string
  /** A folder of the host's with more of them, laid beside as `own`. */
  readonly own?: string | undefined
  /** A root that is read-only in the container may be written by this command. */
  readonly writable: boolean
}

/** One command on its way into the namespaces of a process. */
export interface WayOrder {
  /** The process, and its start, so that another of the same number is not taken for it. */
  readonly pid: number
  readonly start: number
  /** `ours`: the supervisor copies to our terminal, whose end is the command's; `new`: to pipes. */
  readonly terminal?: 'ours' | 'new' | undefined
  readonly size?: { readonly columns: number; readonly rows: number } | undefined
  readonly confinement: Confinement
  readonly tools?: BroughtTools
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly cwd: string
  readonly words: readonly string[]
  readonly env: readonly string[]
}

/**
 * An order in the fields that the script reads, in its order: each ends with a zero byte. In front is how many follow: an
 * order that was cut off is none.
 */
export function writeOrder(order: WayOrder, architecture: string = process.arch): string {
  const { confinement: given, tools, size } = order
  const several = (fields: readonly (string | number)[]) => [fields.length, ...fields]
  const fields = [
    architecture,
    ...[order.pid, order.start, tools?.own ?? '', tools?.descriptor ?? ''],
    ...[order.terminal ?? '', size?.rows ?? 0, size?.columns ?? 0],
    ...several(given.cgroups),
    ...[given.oomScore, given.label],
    ...several(given.limits),
    ...several(tools ? [tools.marker, tools.writable ? 1 : '', ...tools.places] : []),
    ...(tools ? several(tools.files.flatMap(({ name, size: bytes }) => [name, bytes])) : []),
    ...(tools ? several(tools.links.flat()) : []),
    ...[order.uid, order.gid, ...several(order.groups)],
    ...[given.bounding, given.inheritable, given.noNewPrivileges ? 1 : '', given.umask, order.cwd],
    ...several(order.words),
    ...several(order.env),
  ]
  return several(fields)
    .map((field) => `${field}\0`)
    .join('')
}
