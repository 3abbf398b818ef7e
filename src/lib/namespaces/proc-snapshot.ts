import type { ProcessSpec } from '../host/environment'
import { cgroupFiles, confinementOf } from './confinement'

/** What a helper's init said of a target's first process, by the name of the file. */
export type Facts = ReadonlyMap<string, string>

/** What the init says instead when it cannot go on. */
export const troubles = ['gone', 'perl', 'copy', 'machine'] as const
export type Trouble = (typeof troubles)[number]

/**
 * Takes the facts out of what the init says first: `NAME LENGTH`, a line feed, as many bytes; `end 0` is the last.
 * @returns undefined while they are not complete; else they, and the bytes behind
 */
export function readFacts(bytes: Buffer): { facts: Facts | Trouble; behind: Buffer } | undefined {
  const facts = new Map<string, string>()
  for (let at = 0; ; ) {
    const line = bytes.indexOf(0x0a, at)
    if (line < 0) return undefined
    const [name = '', length] = bytes.toString('latin1', at, line).split(' ')
    const end = line + 1 + Number(length)
    if (bytes.length < end) return undefined
    const trouble = troubles.find((one) => one === name && end === line + 1)
    if (trouble || name === 'end') return { facts: trouble ?? facts, behind: bytes.subarray(end) }
    facts.set(name, bytes.toString('utf8', line + 1, end))
    at = end
  }
}

/** Clock ticks since boot; NaN when the process is gone. */
export function startOf(facts: Facts): number {
  const stat = facts.get('stat') ?? ''
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}

/** Its supervisor, by its words, or its control group names the container. */
export function isCertain(facts: Facts, id: string): boolean {
  return supervises(facts, id) || (facts.get('cgroup') ?? '').includes(id)
}

/** The process that the container was started with, from the folder its supervisor works in. */
export function specOf(facts: Facts, id: string): ProcessSpec | undefined {
  const bundle = facts.get('bundle')
  if (bundle === undefined || !supervises(facts, id)) return undefined
  return (JSON.parse(bundle) as { process: ProcessSpec }).process
}

function supervises(facts: Facts, id: string): boolean {
  const args = (facts.get('supervisor') ?? '').split('\0')
  return /containerd-shim[^/]*$/.test(args[0] ?? '') && args[args.indexOf('-id') + 1] === id
}

/** What holds it. The control groups are entered by way of its supervisor's files. */
export function heldBy(facts: Facts) {
  const text = (name: string) => facts.get(name) ?? ''
  const stat = text('stat')
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const files = cgroupFiles(text('cgroup'), text('mountinfo'), () => true)
  const texts = { status: text('status'), limits: text('limits'), oomScore: text('oom_score_adj') }
  const cgroups = files.map((file) => `/proc/${parent}/root${file}`)
  return confinementOf({ ...texts, label: text('attr/current') }, cgroups)
}

/** A user's or group's number on the host. @param map the text of uid_map or gid_map */
export function onHost(id: number, map: string): number {
  for (const line of map.split('\n')) {
    const [inside = Number.NaN, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number)
    if (id >= inside && id < inside + count) return outside + (id - inside)
  }
  return id
}
