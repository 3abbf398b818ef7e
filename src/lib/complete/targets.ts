import type { Candidate } from './reply'

/** What of an engine's lists is looked at: the API's own names. */
export interface ListedContainer {
  readonly Id: string
  readonly Names?: readonly string[] | null
  readonly Image: string
  readonly Status: string
  readonly Labels?: Readonly<Record<string, string>> | null
}
export interface ListedService {
  readonly ID: string
  readonly Spec: { readonly Name: string }
}
export interface ListedTask {
  readonly ServiceID: string
  /** None in a global service, which has one on each node. */
  readonly Slot?: number
  readonly NodeID?: string
  readonly Status: { readonly State: string }
}

/** All that may be a TARGET. The last two are empty but for a manager of a swarm. */
export interface Known {
  readonly containers: readonly ListedContainer[]
  readonly services: readonly ListedService[]
  readonly tasks: readonly ListedTask[]
  /** The compose project of this folder. */
  readonly project: string | undefined
}

/**
 * What a TARGET that begins with `word` may become: containers, then services and tasks by the names they have
 * without a prefix; behind a prefix (`service:`) only what it stands for. IDs when nothing else begins so.
 */
export function targetsFor(word: string, known: Known): Candidate[] {
  // A label can say anything, and what begins so would be no TARGET but a flag, or to some shell something else.
  return allFor(word, known).filter((one) => !/^[-=+%]/.test(one.word))
}

/** The name or ID by which the engine knows what a TARGET means: that of a service's first container here. */
export function nameOf(word: string, known: Known): string | undefined {
  const [, prefix, text = word] = /^(name|id|service):(.*)$/s.exec(word) ?? []
  if (prefix === 'name' || prefix === 'id') return text
  const [service, number] = text.split('#')
  const label = 'com.docker.compose.'
  const found = known.containers.find(
    ({ Labels }) =>
      known.project !== undefined &&
      Labels?.[`${label}project`] === known.project &&
      Labels[`${label}service`] === service &&
      Labels[`${label}oneoff`] !== 'True' &&
      (number === undefined || Labels[`${label}container-number`] === number),
  )
  return found?.Id
}

function allFor(word: string, known: Known): Candidate[] {
  const colon = word.indexOf(':')
  const kind = kinds[word.slice(0, Math.max(colon, 0))]
  if (kind) {
    const prefix = word.slice(0, colon + 1)
    return kind(known).map((one) => ({ ...one, word: prefix + one.word }))
  }
  const plain = [...names(known), ...composeServices(known, known.project), ...tasks(known)]
  if (word && !plain.some((one) => one.word.startsWith(word))) {
    if (/^[0-9a-f]+$/.test(word)) return ids(known)
    return Object.keys(kinds).map((prefix) => ({ word: `${prefix}:` }))
  }
  return plain
}

const kinds: Readonly<Record<string, (known: Known) => Candidate[]>> = {
  name: names,
  id: ids,
  service: (known) => [...composeServices(known, known.project), ...swarmServices(known)],
  image: images,
  label: labels,
  task: tasks,
}

function names({ containers }: Known): Candidate[] {
  return containers.flatMap((one) => {
    // Linked containers have names like `/other/alias` besides.
    const own = one.Names?.find((name) => !name.slice(1).includes('/'))
    return own ? [{ word: own.slice(1), about: aboutOf(one) }] : []
  })
}

function ids({ containers }: Known): Candidate[] {
  return containers.map((one) => ({ word: one.Id.slice(0, 12), about: aboutOf(one) }))
}

function aboutOf({ Image, Status }: ListedContainer): string {
  return `${Image}, ${Status}`
}

function composeServices({ containers }: Known, project: string | undefined): Candidate[] {
  if (project === undefined) return []
  const numbers = new Map<string, string[]>()
  for (const { Labels } of containers) {
    const service = Labels?.['com.docker.compose.service']
    if (!service || Labels?.['com.docker.compose.project'] !== project) continue
    if (Labels['com.docker.compose.oneoff'] === 'True') continue
    const number = Labels['com.docker.compose.container-number']
    numbers.set(service, [...(numbers.get(service) ?? []), ...(number ? [number] : [])])
  }
  return [...numbers].flatMap(([service, all]) => [
    { word: service, about: `service of ${project}` },
    ...(all.length > 1 ? all.map((number) => ({ word: `${service}#${number}`, about: `service of ${project}` })) : []),
  ])
}

function swarmServices({ services }: Known): Candidate[] {
  return services.map(({ Spec: { Name } }) => ({ word: Name, about: 'swarm service' }))
}

function tasks({ services, tasks }: Known): Candidate[] {
  const name = new Map(services.map(({ ID, Spec: { Name } }) => [ID, Name]))
  return tasks.flatMap(({ ServiceID, Slot, NodeID, Status: { State } }) => {
    const service = name.get(ServiceID)
    const which = Slot ?? NodeID
    return service && which && State === 'running' ? [{ word: `${service}.${which}`, about: 'swarm task' }] : []
  })
}

function images({ containers }: Known): Candidate[] {
  return containers.map(({ Image }) => ({ word: Image }))
}

/** `key=value` of the labels that people give, not of those that tools leave. */
function labels({ containers }: Known): Candidate[] {
  return containers.flatMap(({ Labels }) =>
    Object.entries(Labels ?? {})
      .filter(([key]) => !key.startsWith('com.docker.'))
      .map(([key, value]) => ({ word: value ? `${key}=${value}` : key })),
  )
}
