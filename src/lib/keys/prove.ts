import type { Engine } from '../engine/engine'
import { runInside } from '../engine/run'
import { DockerBashError } from '../errors'
import { newTag } from '../inside/tag'
import type { Target } from '../model'
import { barredAccount } from '../ssh/barred-account'
import { fromFile } from '../ssh/candidates'
import { reach } from '../ssh/find-route'
import { login } from '../ssh/login'
import { KeysRefused } from '../ssh/login-failures'
import { Proof } from '../ssh/proof'
import { proveSession } from '../ssh/prove-session'
import type { Login } from '../ssh/survey'
import { isStill } from '../ssh/verify-peer'
import type { OwnKey } from './store'
import strictModes from './strict-modes.sh'

export type Ask = (path: string) => Promise<string>

/**
 * Logs in with one key and no other, has what a session will need, and logs out again.
 * @returns whether it was let in, and is inside
 * @throws NotInside when what let it in is somewhere else; DockerBashError when that cannot be known (no road, another
 * host key, no answer), or when it runs no command or gives no terminal
 */
export function opensSession(engine: Engine, target: Target, user: string, key: OwnKey, ask: Ask): Promise<boolean> {
  return opens(engine, target, user, key, ask, true)
}

/** The same, without a look at what a session could do. */
export async function opens(
  engine: Engine,
  target: Target,
  user: string,
  key: OwnKey,
  ask: Ask,
  whole = false,
): Promise<boolean> {
  const candidate = await fromFile(key.path, ask)
  const { road, expect, facts } = await reach(engine, target)
  if (!road || !expect) {
    throw new DockerBashError(`the login to ${target.name} cannot be tried: ${facts.refusal ?? 'no road'}`, {
      hint: facts.remedy ?? `docker-bash explain ${target.name}`,
    })
  }
  const proof = new Proof(engine, target, user)
  try {
    const { client } = await login(target, expect, road, user, [candidate], isStill(engine, target, road))
    try {
      const watch = await proof.of(client, road.road, { shell: '/bin/sh', tag: newTag() }, new AbortController().signal)
      await watch.dismiss()
      if (whole) await proveSession(client, target, user)
    } finally {
      client.end()
      setTimeout(() => road.stream.destroy(), 500).unref()
    }
    return true
  } catch (error) {
    if (error instanceof KeysRefused) return false
    throw error
  } finally {
    await proof.clear()
  }
}

/** Why sshd does not take a key that is in its file, as far as that can be seen. */
export async function whyRefused(
  engine: Engine,
  target: Target,
  path: string,
  login: Login,
  settings: ReadonlyMap<string, readonly string[]>,
): Promise<string> {
  const is = (name: string, value: string) => settings.get(name)?.[0] === value
  if (is('pubkeyauthentication', 'no')) return 'PubkeyAuthentication is no'
  if (login.uid === 0 && is('permitrootlogin', 'no')) return 'PermitRootLogin is no'
  const barred = await barredAccount(engine, target.id, login, settings)
  if (barred) return barred
  if (['allowusers', 'denyusers', 'allowgroups', 'denygroups'].some((name) => settings.has(name)))
    return 'AllowUsers or its like are set'
  if (!is('strictmodes', 'no')) {
    const { stdout } = await runInside(engine, target.id, [
      '/bin/sh',
      '-c',
      strictModes,
      'sh',
      path,
      login.home,
      String(login.uid),
    ])
    const first = stdout.toString().split('\n').find(Boolean)
    if (first) return `StrictModes: ${first}`
  }
  if (/nologin|false$/.test(login.shell)) return `the shell of ${login.name} is ${login.shell}`
  return 'its log says more: docker logs, or /var/log/auth.log in it'
}
