/**
 * What a guarded child starts as: a shell that puts a guard beside itself and becomes the program.
 *
 * The guard's input is a socket that we hold; the kernel closes it when we die, however. It then ends what the program
 * started inside: each child of the program in another session than its own, with everything in that session, first by
 * SIGHUP, within a second by SIGKILL. A program that is still getting there is waited for: killed half way it could
 * leave behind what nobody can find any more. Whether a child is the command yet, its name does not tell, which it may
 * choose itself, but the kernel: until its exec it is a copy of the runtime (PF_FORKNOEXEC, 64 among its flags).
 *
 * $1: `tty` when the program's stdout is a terminal that it is to copy to unchanged. $2: the ways out of our control
 * groups: with those in it the guard would be killed together with us, and the program before the guard has found what
 * it started. $3: the container's `cgroup.procs`, to look there before all of /proc is looked through.
 * @param apart the guard is not a child of the program, which waits for the end of every child it finds itself with
 */
export const guardedScript = (apart: boolean): string => `
for out in $2; do echo 0 >"$out"; done 2>/dev/null
list=$3 saved=
if [ "$1" = tty ]; then exec 8>&1; saved=$(stty -g <&8); fi
${apart ? `(${guard})` : guard}
if [ "$1" = tty ]; then stty -onlcr tab0 <&8; fi
exec 7<&- 8>&-
# Whatever ours is: what an engine's service has.
umask 022
shift 3
exec "$@"
`

const guard = `{
  exec <&7 7<&- 3<&- 4<&- 5<&- 6<&- >/dev/null 2>&1
  trap '' HUP INT TERM QUIT PIPE
  while read -r verb; do [ "$verb" = done ] && exit 0; done
  # Not before: dash reads it byte by byte, beside a runtime that starts.
  read -r self rest </proc/self/stat
  look() {
    leaders= coming= alive=
    for d in /proc/[0-9]*; do
      { read -r line <"$d/stat"; } 2>/dev/null || continue
      pid=\${d#/proc/}
      set -- \${line##*") "}
      [ "$pid" = $$ ] && [ "$1" != Z ] && alive=1
      [ "$2" = $$ ] && [ "$pid" != "$self" ] && [ "$4" != $$ ] || continue
      if [ $(($7 & 64)) = 0 ]; then leaders="$leaders $4"; else coming="$coming $4"; fi
    done
  }
  one() {
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || return
    set -- \${line##*") "}
    [ "$1" = Z ] || [ "$1" = X ] && return
    case " $leaders " in *" $4 "*) found=1; for s in $k; do kill "-$s" "$pid"; done ;; esac
  }
  each() {
    found=
    if [ -n "$list" ]; then while read -r pid; do one; done <"$list"
    else for d in /proc/[0-9]*; do pid=\${d#/proc/}; one; done; fi
    [ -n "$found" ]
  }
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    look
    [ -z "$leaders" ] && [ -n "$alive" ] || break
    sleep 0.05
  done
  leaders="$leaders $coming"
  k='HUP CONT'; each
  for try in 1 2 3; do
    k=0; each || { list=; each; } || break
    sleep 0.2
  done
  list= k=KILL; each
  # What it may be stuck in is then its own matter; we are gone, and so is what it was for.
  kill -KILL $$
  [ -n "$saved" ] && stty "$saved" <&8
  exit 0
} &`
