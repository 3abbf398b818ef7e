# The watchdog beside a program of the host's that runs something inside a container. src/lib/host/watchdog-script.ts says
# what it does.

# shellcheck disable=SC2317 # end_session calls them
# shellcheck disable=SC2086 # the fields of a line of /proc are split
# shellcheck disable=SC2015 # `a && b || c` is meant: c where either is not so
{
  exec <&7 7<&- 3<&- 4<&- 5<&- 6<&- >/dev/null 2>&1
  trap '' HUP INT TERM QUIT PIPE
  while read -r verb; do [ "$verb" = 'done' ] && exit 0; done
  # Not before: dash reads it byte by byte, beside a runtime that starts.
  read -r self rest </proc/self/stat
  look() {
    leaders='' coming='' alive=''
    for d in /proc/[0-9]*; do
      { read -r line <"$d/stat"; } 2>/dev/null || continue
      pid=${d#/proc/}
      set -- ${line##*") "}
      [ "$pid" = $$ ] && [ "$1" != Z ] && alive=1
      [ "$2" = $$ ] && [ "$pid" != "$self" ] && [ "$4" != $$ ] || continue
      if [ $(($7 & 64)) = 0 ]; then leaders="$leaders $4"; else coming="$coming $4"; fi
    done
  }
  one() {
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || return
    set -- ${line##*") "}
    [ "$1" = Z ] || [ "$1" = X ] && return
    case " $leaders " in *" $4 "*) found=1; for s in $k; do kill "-$s" "$pid"; done ;; esac
  }
  each() {
    found=
    if [ -n "$list" ]; then while read -r pid; do one; done <"$list"
    else for d in /proc/[0-9]*; do pid=${d#/proc/}; one; done; fi
    [ -n "$found" ]
  }
  # shellcheck disable=SC2034 # it counts
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    look
    [ -z "$leaders" ] && [ -n "$alive" ] || break
    sleep 0.05
  done
  leaders="$leaders $coming"
  hang_up() { k='HUP CONT'; each; }
  end_session
  # What it may be stuck in is then its own matter; we are gone, and so is what it was for.
  kill -KILL $$
  [ -n "$saved" ] && stty "$saved" <&8
  exit 0
} &
