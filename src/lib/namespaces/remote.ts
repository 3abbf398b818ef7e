/**
 * The way into namespaces from a container on the engine's own host, for when we are not root there: the same program
 * for the same perl (the container's own, or else the host's), which two processes of that container run.
 *
 * The holder is its first process. It says what /proc tells of the target, then hands on between its input and output,
 * which we hold, and the keeper's link. When its input ends, however we ended, so does the link; it waits for the
 * keeper to have ended the command, and then ends itself, and the container with it.
 *
 * The keeper is an exec beside it, whose streams are the command's.
 */
import { perlCalls } from '../host/perl-calls'
import { wayScript } from './enter'
import holding from './init.pl'
import keeping from './supervisor.pl'
import meeting from './meeting.pl'
import script from './remote.sh'

const holder = `use strict;${meeting}${holding}`
const keeper = `use strict;${perlCalls}${meeting}${keeping}`

/**
 * argv of the helper's first process, which waits for `begin`.
 * @param pid of the target's first process, on the engine's host
 */
export function holderWords(pid: number): string[] {
  return ['/bin/sh', '-c', script, 'docker-bash', 'holder', String(pid), holder]
}

/** What the holder waits for. */
export const begin = '\n'

/** argv of the exec that becomes the keeper. @param owner who the command will be, by the host's numbers */
export function keeperWords(pid: number, owner: { readonly uid: number; readonly gid: number }): string[] {
  return ['/bin/sh', '-c', script, 'docker-bash', 'keeper', String(pid), keeper, String(owner.uid), String(owner.gid)]
}

/** The way's program and its order, as the keeper takes them off its link: not in words that its engine notes. */
export function sealed(order: string): Buffer {
  return Buffer.concat(
    [wayScript, order].map((text) => Buffer.from(text)).flatMap((bytes) => [Buffer.from(`${bytes.length}\n`), bytes]),
  )
}
