import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { authorizedPaths } from '../ssh/authorized'
import { formatPublic } from '../ssh/fingerprint'
import { survey } from '../ssh/survey'
import { edit } from './edit'
import { placeOf } from './install'
import { add, remove } from './lines'

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
