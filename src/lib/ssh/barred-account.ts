import { readSmallFile, statPath } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { linesOf, userFileLimit } from '../host/users'
import type { Login, Survey } from './survey'

const day = 24 * 60 * 60 * 1000

/**
 * Why an sshd lets nobody in to an account, whatever the key: it says no more than that the key was refused.
 * @param login its passwd line
 * @param settings what `sshd -T` prints
 * @returns undefined where the account is in order, as far as can be seen
 */
export async function barredAccount(
  engine: Engine,
  container: string,
  { name, shell }: Login,
  settings: Survey['settings'],
): Promise<string | undefined> {
  // Empty: /bin/sh, for sshd as for everybody.
  const program = shell || '/bin/sh'
  let stat = await statPath(engine, container, program)
  if (stat?.kind === 'link' && stat.leadsTo) stat = await statPath(engine, container, stat.leadsTo)
  if (!stat) return `the login shell of ${name}, ${program}, is not there`
  if (stat.kind !== 'file' || !stat.executable) return `the login shell of ${name}, ${program}, cannot be run`
  const shadow = linesOf((await readSmallFile(engine, container, '/etc/shadow', userFileLimit))?.toString() ?? '')
  const [, password = '', , , , , , expires = ''] = shadow.find(([one]) => one === name) ?? []
  if (password.startsWith('!') && settings.get('usepam')?.[0] !== 'yes') {
    return `the account of ${name} is locked (its password in /etc/shadow begins with "!"), and UsePAM is no`
  }
  if (/^\d+$/.test(expires) && Number(expires) * day < Date.now()) return `the account of ${name} has expired`
  return undefined
}
