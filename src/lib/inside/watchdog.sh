# The watchdog: ends the command when its input, which we hold, ends. src/lib/inside/watchdog.ts says why and how.
# $0 the barrier's tag, $1 where to look first, $2 the ways out of our control groups. A session's processes are found by
# field 6 of /proc/PID/stat, behind the name in parentheses.

# shellcheck disable=SC2086 # the fields of a line of /proc, and a list of files, are split
# shellcheck disable=SC2317 # end_session calls them

for out in $2; do echo 0 >"$out"; done 2>/dev/null
p='' s='' list=$1
gone() {
  [ -n "$s" ] || return
  { read -r line < "/proc/$p/stat"; } 2>/dev/null || return
  set -- ${line##*") "}
  [ "${20}" = "$s" ] || exit 0
}
one() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return
  n=$1
  set -- ${line##*") "}
  [ "$4" = "$p" ] && [ "$1" != Z ] && [ "$1" != X ] && found=1 && kill "-$k" "$n" 2>/dev/null
}
each() {
  gone
  found=
  if [ -n "$list" ]; then
    while read -r n; do one "$n"; done < "$list"
  else
    for d in /proc/[0-9]*; do one "${d#/proc/}"; done
  fi
  [ -n "$found" ]
}
foreground() {
  { read -r line < "/proc/$p/stat"; } 2>/dev/null || return
  set -- ${line##*") "}
  [ "$6" -gt 0 ] && [ "$6" != "$p" ] && kill "-$k" "-$6" 2>/dev/null
}
words() {
  if command -v dd >/dev/null 2>&1; then dd "if=$1/cmdline" bs=8192 count=1
  else IFS= read -r line < "$1/cmdline"; echo "$line"; fi 2>/dev/null
}
trap '' HUP INT TERM PIPE
while read -r verb word start; do
  case $verb in
    pid) p=$word s=$start ;;
    kill) k=$word; gone; foreground; kill "-$k" "-$p" 2>/dev/null ;;
    done) exit 0 ;;
  esac
done
if [ -z "$p" ]; then
  # shellcheck disable=SC2034 # it counts
  for try in 1 2 3 4; do
    for d in /proc/[0-9]*; do
      line=$(words "$d") 2>/dev/null
      case $line in *"$0"*) [ "${d#/proc/}" = "$$" ] || kill -KILL "${d#/proc/}" 2>/dev/null ;; esac
    done
    rest || break
  done
  exit 0
fi
hang_up() {
  k=HUP; each
  k=CONT; each
  kill -HUP "-$p" 2>/dev/null
  kill -CONT "-$p" 2>/dev/null
  rest
}
end_session && kill -KILL "-$p" 2>/dev/null
exit 0
