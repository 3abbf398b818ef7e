import { DockerBashError } from '../errors'
import { needsShell } from '../inside/argv'
import type { Request, Target, TransportName } from '../model'
import { checks } from './schema'
import type { Settings, Told } from './settings'

/** What a container's author may say by a label: never the way in, which would be its confinement. */
const labels = {
  shell: { test: /^\/[^\x00-\x1f\x7f]*$/, allowed: 'an absolute path', own: 'DOCKER_BASH_SHELL=/bin/sh' },
  user: { test: undefined, allowed: 'NAME or UID, and :GROUP if need be', own: '-u USER' },
  workdir: { test: /^\/[^\x00-\x1f\x7f]*$/, allowed: 'an absolute path', own: '-w DIR' },
} as const
type Labelled = keyof typeof labels

export interface Settled {
  readonly via?: Told<TransportName>
  readonly shell?: Told<string>
  readonly user?: Told<string>
  readonly workdir?: Told<string>
}

/**
 * Who decided what for a session in this container: flags, then the user's settings, then the container's labels.
 * @throws DockerBashError for a label that is needed and cannot be meant
 */
export function settled(
  request: Request,
  { name, labels: given }: Pick<Target, 'name' | 'labels'>,
  set: Settings,
): Settled {
  const flag = <T>(where: string, value: T | undefined): Told<T> | undefined =>
    value === undefined ? undefined : { value, from: 'flag', where }
  const via = flag('--via', request.via) ?? preferred(set)
  const shell = set.shell ?? (needsShell(request) ? labelled('shell', name, given) : undefined)
  const user = flag('--user', request.user) ?? set.user ?? labelled('user', name, given)
  const workdir = flag('--workdir', request.workdir) ?? labelled('workdir', name, given)
  return { ...(via && { via }), ...(shell && { shell }), ...(user && { user }), ...(workdir && { workdir }) }
}

function preferred({ via }: Settings): Told<TransportName> | undefined {
  return via && via.value !== 'auto' ? { ...via, value: via.value } : undefined
}

function labelled(key: Labelled, name: string, given: Target['labels']): Told<string> | undefined {
  const where = `docker-bash.${key}`
  const value = given[where]
  if (!value) return undefined
  const { test, allowed, own } = labels[key]
  const fail = () =>
    new DockerBashError(`invalid value ${JSON.stringify(value)} for the label ${where} of ${name}`, {
      hint: `allowed: ${allowed}; ${own} overrules it`,
    })
  if (test && !test.test(value)) throw fail()
  if (!test) checks.user(value, fail, where)
  return { value, from: 'label', where }
}

/** The request with what was decided in it. A way in that is only preferred gives way where it does not fit. */
export function settle(
  request: Request,
  target: Pick<Target, 'name' | 'labels'> & Partial<Pick<Target, 'env'>>,
  set: Settings,
): Request {
  const { term, ...asked } = request
  // Our kind of terminal, unless the image says which it is.
  const isGiven = target.env?.some((entry) => entry.startsWith('TERM='))
  const { via, shell, user, workdir } = settled(request, target, set)
  return {
    ...asked,
    env: [...(term && !isGiven ? [`TERM=${term}`] : []), ...request.env],
    ...(shell && { shell: shell.value }),
    ...(user && { user: user.value }),
    ...(workdir && { workdir: workdir.value }),
    ...(via && via.from !== 'flag' && { prefer: via.value }),
  }
}

/** The way in that is looked into first. */
export function wayOf({ via, prefer }: Request): TransportName | 'auto' {
  return via ?? prefer ?? 'auto'
}
