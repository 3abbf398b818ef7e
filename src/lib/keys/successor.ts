import type { Target } from '../model'
import { enrolment } from '../ssh/enrolment'
import { underWay, unfinished } from './journal'
import { generateKey, type OwnKey, ownKey, successorOf, usualName } from './store'

/**
 * The key that comes with a rotation: one for all containers of a run, made when the first needs it. A run that was cut
 * off has made one already; it is taken up, so that the containers it had done are done.
 */
export function successor(): (target: Target) => OwnKey {
  let key: OwnKey | undefined
  return (target) => {
    const begun = unfinished().flatMap((id) => underWay(id)?.next ?? [])
    key ??=
      begun.flatMap((name) => ownKey(name) ?? [])[0] ??
      generateKey(successorOf(enrolment(target.id)?.keys[0]?.key ?? usualName))
    return key
  }
}
