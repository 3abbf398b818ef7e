/**
 * The two halves of a change, as shell text that runs inside. Nothing but POSIX and `cksum`, which busybox has too.
 *
 * $1 the file, $2 the user's home, $3 `force` or nothing; then each one's own. They say why they refuse in one word,
 * and what it is about.
 */
import check from './edit-check.sh'
import looking from './edit-look.sh'
import replacing from './edit-replace.sh'

export const look = check + looking
export const replace = check + replacing
