import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { authorizedPaths, parseAuthorized, readAuthorized } from '../ssh/authorized'
import { survey } from '../ssh/survey'
import { userOf } from './install'
import { ownKeys } from './store'

/** A key that lets somebody in. All text is the container's word; printing makes it safe. */
export interface Entry {
  /** The name of ours, `insecure` for the image's own, else `other`. */
  readonly whose: string
  readonly user: string
  readonly type: string
  readonly fingerprint: string
  readonly comment: string
  readonly options: string
  readonly file: string
  readonly line: number
}

/** Who may log in as a user, by the files that sshd reads; and what about them is not as it should be. */
export async function whoMayLogIn(
  engine: Engine,
  target: Target,
  named: string | undefined,
): Promise<{ entries: Entry[]; notes: string[] }> {
  const user = userOf(target, named)
  const asked = await survey(engine, target.id, user)
  const { login, insecure } = asked
  if (!login)
    throw new DockerBashError(`there is no user ${user} in ${target.name}`, {
      hint: `its users: docker-bash ${target.name} cat /etc/passwd`,
    })
  const own = new Map(ownKeys().map(({ name, fingerprint }) => [fingerprint, name]))
  const files = await readAuthorized(engine, target.id, authorizedPaths(asked, login))
  const entries = files.flatMap(({ path, text }) =>
    parseAuthorized(text).map(({ key, fingerprint, options, line }) => ({
      whose: insecure?.blob.equals(key.blob) ? 'insecure' : (own.get(fingerprint) ?? 'other'),
      user: login.name,
      type: key.type,
      fingerprint,
      comment: key.comment,
      options,
      file: path,
      line,
    })),
  )
  const notes = files.flatMap(({ path, kind, cut }) => [
    ...(kind === 'other' ? [`${path} in ${target.name} is not a regular file: nobody logs in by it`] : []),
    ...(kind === 'link' ? [`${path} in ${target.name} is a link`] : []),
    ...(cut ? [`${path} in ${target.name} is larger than is read here: more keys may stand in it`] : []),
  ])
  const command = asked.settings.get('authorizedkeyscommand')?.[0]
  if (command && command !== 'none') notes.push(`its sshd also asks ${command}, which may let in others`)
  if (!asked.program) notes.push(`there is no sshd in ${target.name}: nobody logs in`)
  return { entries, notes }
}
