/**
 * The way into namespaces from a container on the engine's own host, for when we are not root there: the same program
 * for the same perl (the container's own, or else the host's), which two processes of that container run.
 *
 * The init is its first process. It says what /proc tells of the target, then hands on between its input and output,
 * which we hold, and the supervisor's link. When its input ends, however we ended, so does the link; it waits for the
 * supervisor to have ended the command, and then ends itself, and the container with it.
 *
 * The supervisor is an exec beside it, whose streams are the command's.
 */
import { perlCalls } from '../host/perl-calls'
import { wayScript } from './enter'
import holding from './init.pl'
import meeting from './meeting.pl'
import script from './remote.sh'
import keeping from './supervisor.pl'

const init = `use strict;${meeting}${holding}`
const supervisor = `use strict;${perlCalls}${meeting}${keeping}`

/**
 * argv of the helper's first process, which waits for `begin`.
 * @param pid of the target's first process, on the engine's host
 */
export function helperInitArgv(pid: number): string[] {
  return ['/bin/sh', '-c', script, 'docker-bash', 'init', String(pid), init]
}

/** What the init waits for. */
export const begin = '\n'

/** argv of the exec that becomes the supervisor. @param owner who the command will be, by the host's numbers */
export function supervisorArgv(pid: number, owner: { readonly uid: number; readonly gid: number }): string[] {
  return [
    '/bin/sh',
    '-c',
    script,
    'docker-bash',
    'supervisor',
    String(pid),
    supervisor,
    String(owner.uid),
    String(owner.gid),
  ]
}

/** The way's program and its order, as the supervisor takes them off its link: not in words that its engine notes. */
export function sealed(order: string): Buffer {
  return Buffer.concat(
    [wayScript, order].map((text) => Buffer.from(text)).flatMap((bytes) => [Buffer.from(`${bytes.length}\n`), bytes]),
  )
}
