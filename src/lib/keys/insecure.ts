import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { authorizedPaths, parseAuthorized, readAuthorized } from '../ssh/authorized'
import { formatPublic } from '../ssh/fingerprint'
import { type Survey, survey } from '../ssh/survey'
import { edit } from './edit'
import { placeOf } from './install'
import { add, remove } from './lines'

export interface InsecureState {
  readonly inImage: boolean
  /** It lets somebody log in as root. */
  readonly enabled: boolean
}

/** Whether the image has a key that everybody has, and whether it is let in. */
export async function insecureState(engine: Engine, id: string, known?: Survey): Promise<InsecureState> {
  const asked = known ?? (await survey(engine, id))
  const { insecure, login } = asked
  if (!insecure || !login) return { inImage: insecure !== undefined, enabled: false }
  const files = await readAuthorized(engine, id, authorizedPaths(asked, login))
  const enabled = files.some(({ text }) => parseAuthorized(text).some(({ key }) => key.blob.equals(insecure.blob)))
  return { inImage: true, enabled }
}

/** @throws DockerBashError when the image has no such key */
export async function setInsecure(engine: Engine, target: Target, enable: boolean, force: boolean): Promise<void> {
  const asked = await survey(engine, target.id)
  const { insecure, login } = asked
  if (!insecure || !login) {
    if (!enable) return
    throw new DockerBashError(`there is no insecure key in ${target.name} (/etc/insecure_key)`, {
      hint: `a key of your own is better: docker-bash key install ${target.name}`,
    })
  }
  if (enable)
    return void (await edit(engine, target, placeOf(target, asked, force), add(formatPublic(insecure), insecure)))
  for (const path of authorizedPaths(asked, login))
    await edit(engine, target, { path, login, force }, remove([insecure]))
}
