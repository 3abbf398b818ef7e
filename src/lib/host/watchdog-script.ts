import endSession from '../inside/end-session.sh'
import become from './watchdog-become.sh'
import begin from './watchdog-begin.sh'
import beside from './watchdog-beside.sh'

/**
 * What a child with a watchdog starts as: a shell that puts a watchdog beside itself and becomes the program.
 *
 * The watchdog's input is a socket that we hold; the kernel closes it when we die, however. It then ends what the program
 * started inside: each child of the program in another session than its own, with everything in that session, first by
 * SIGHUP, within a second by SIGKILL. A program that is still getting there is waited for: killed half way it could
 * leave behind what nobody can find any more. Whether a child is the command yet, its name does not tell, which it may
 * choose itself, but the kernel: until its exec it is a copy of the runtime (PF_FORKNOEXEC, 64 among its flags).
 *
 * $1: `tty` when the program's stdout is a terminal that it is to copy to unchanged, `pipe` when its descriptor 4 is to be
 * one to write into. $2: the ways out of our control
 * groups: with those in it the watchdog would be killed together with us, and the program before the watchdog has found what
 * it started. $3: the container's `cgroup.procs`, to look there before all of /proc is looked through.
 * @param apart the watchdog is not a child of the program, which waits for the end of every child it finds itself with
 */
export const watchdogScript = (apart: boolean): string =>
  begin + endSession + (apart ? `(${beside})\n` : beside) + become
