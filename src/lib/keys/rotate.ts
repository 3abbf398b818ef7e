import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { enrolment } from '../ssh/enrolment'
import { fingerprint, formatPublic, type PublicKey, parsePublic } from '../ssh/fingerprint'
import type { Survey } from '../ssh/survey'
import { edit } from './edit'
import { forget, note, placeOf } from './install'
import { begin, finish, type Journal, underWay } from './journal'
import { add, remove } from './lines'
import { lock } from './lock'
import { type Ask, opens, whyRefused } from './prove'
import { readyServer } from './server'
import { authorizedLine, type OwnKey, ownKey, requireKey } from './store'

export interface RotateOptions {
  readonly force: boolean
  readonly ask: Ask
  /** The key that comes; made when the first container needs it. One for all containers of a run. */
  readonly next: () => OwnKey
  /** Called before each step with its name: for live lines, and for tests that end the process there. */
  readonly step: (name: Step) => void
}

export type Step = 'journal' | 'put in' | 'try new' | 'enrol' | 'take out' | 'try old' | 'record' | 'done'

/**
 * New key in, tried, old key out. At every moment one of the user's keys opens the container and is noted as doing so:
 * the old one goes only when the new one has been tried and noted. Killed anywhere, the next run takes up the journal.
 * @returns what was done
 * @throws DockerBashError when the new key is refused; it is then out again and the old one in place
 */
export async function rotate(engine: Engine, target: Target, options: RotateOptions): Promise<string[]> {
  const unlock = lock(target.id, target.name)
  try {
    return await locked(engine, target, options)
  } finally {
    unlock()
  }
}

async function locked(engine: Engine, target: Target, options: RotateOptions): Promise<string[]> {
  const { force, ask, step } = options
  const before = underWay(target.id)
  const user = before?.user ?? enrolledUser(target)
  const { survey } = await readyServer(engine, target, user, true)
  const place = placeOf(target, survey, force)
  const journal = before ?? plan(target, user, options.next(), survey)
  const next = requireKey(journal.next)
  const old = journal.old.flatMap((line) => parsePublic(line) ?? [])

  step('journal')
  begin(journal)
  step('put in')
  await edit(engine, target, place, add(authorizedLine(next), next.public))
  step('try new')
  if (!(await opens(engine, target, user, next, ask))) {
    const why = await whyRefused(engine, target, place.path, place.login, survey.settings)
    await edit(engine, target, place, remove([next.public]))
    finish(target.id)
    throw new DockerBashError(`new key refused (${why}); old key kept`, {
      hint: `put that right, then docker-bash key rotate ${target.name}`,
    })
  }
  step('enrol')
  note(target, next, user)
  step('take out')
  await edit(engine, target, place, remove(old))
  step('try old')
  await proveGone(engine, target, user, next, old, ask)
  step('record')
  forget(target, (key) => key.user === user && old.some(({ blob }) => fingerprint(blob) === key.fingerprint))
  finish(target.id)
  step('done')
  return ['new key in, tried, old key out']
}

/** The enrolled keys of that user go, and the image's insecure one. */
function plan(target: Target, user: string, next: OwnKey, survey: Survey): Journal {
  const enrolled = (enrolment(target.id)?.keys ?? []).filter((key) => key.user === user)
  const own = enrolled.flatMap(({ key }) => ownKey(key)?.public ?? [])
  const old = [...own, ...(survey.insecure ? [survey.insecure] : [])].filter(
    ({ blob }) => !blob.equals(next.public.blob),
  )
  return {
    id: target.id,
    name: target.name,
    user,
    next: next.name,
    old: old.map((key) => formatPublic({ ...key, comment: '' })),
  }
}

function enrolledUser(target: Target): string {
  const user = enrolment(target.id)?.keys[0]?.user
  if (user !== undefined) return user
  throw new DockerBashError(`no key of yours is enrolled for ${target.name}`, {
    hint: `docker-bash key install ${target.name}`,
  })
}

/** The old keys whose private half is ours must be refused, and the new one must still be taken. */
async function proveGone(
  engine: Engine,
  target: Target,
  user: string,
  next: OwnKey,
  old: readonly PublicKey[],
  ask: Ask,
): Promise<void> {
  for (const { key } of enrolment(target.id)?.keys ?? []) {
    const known = ownKey(key)
    if (!known || !old.some(({ blob }) => blob.equals(known.public.blob))) continue
    if (await opens(engine, target, user, known, ask)) {
      throw new DockerBashError(
        `the old key still opens ${target.name}, from somewhere else than its authorized_keys`,
        {
          hint: `the new one is in place; look for AuthorizedKeysCommand or another file: docker-bash key list ${target.name}`,
        },
      )
    }
  }
  if (!(await opens(engine, target, user, next, ask))) {
    throw new DockerBashError(`the new key no longer opens ${target.name}: something else changes its keys`, {
      hint: `docker-bash key install ${target.name}; docker-bash --via exec ${target.name} needs no key`,
    })
  }
}
