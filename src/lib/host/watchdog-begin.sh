# $1 `tty` when the program's stdout is a terminal that it is to copy to unchanged, `pipe` when its descriptor 4 is to be
# one, $2 the ways out of our control groups,
# $3 the container's `cgroup.procs`; then the program.

for out in $2; do echo 0 >"$out"; done 2>/dev/null
# shellcheck disable=SC2034 # they are for watchdog-beside.sh
list=$3 saved=''
if [ "$1" = tty ]; then
  exec 8>&1
  # shellcheck disable=SC2034 # it is for watchdog-beside.sh
  saved=$(stty -g <&8)
fi
