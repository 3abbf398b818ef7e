import type { TargetRef } from '../parse'

/** What a swarm may know: of these, a task's name or ID, and a service. */
export type SwarmRef = Exclude<TargetRef, { kind: 'latest' | 'label' }>

/** What names a task: a service's slot or, of a global service, its node; and perhaps the one task that is meant. */
export interface TaskName {
  readonly service: string
  /** The slot's number (`2`) or a node's ID. */
  readonly instance: string
  /** A task's own ID, the last part of its container's name. */
  readonly id?: string
}

/**
 * Reads `web.2`, `web.NODEID` and, as their containers are called, `web.2.TASKID`. Today's engines allow no dot in a
 * service's name, but what comes last is what counts.
 * @returns undefined for what is not a task's name
 */
export function parseTaskName(text: string): TaskName | undefined {
  const own = /^(.+)\.([0-9a-z]{25})$/.exec(text)
  const inner = own?.[1] && split(own[1])
  if (inner && own[2]) return { ...inner, id: own[2] }
  return split(text)
}

function split(text: string): TaskName | undefined {
  const found = /^([\w][\w.-]*)\.([1-9]\d{0,8}|[0-9a-z]{25})$/.exec(text)
  return found?.[1] && found[2] ? { service: found[1], instance: found[2] } : undefined
}
