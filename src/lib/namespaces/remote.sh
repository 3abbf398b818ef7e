# Becomes the init or the supervisor of src/lib/namespaces/remote.ts. $1 role, $2 the target's first process, $3 the perl
# program, $4… its arguments behind those two. A copy of perl in the helper's own files comes in: whoever inside could lay
# hands on it has nothing of the host's. The host's libraries are found by changing the root only: the init's mount
# namespace is where its engine starts the supervisor.

role=$1 pid=$2 program=$3
shift 3
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
say() {
  echo "$1 0"
  exit 0
}
# What is said before the engine has put its output through to us is lost; our input comes by the same connection.
# shellcheck disable=SC2034 # what the line says is not looked at
if [ "$role" = init ]; then read -r begin || exit 0; fi
{ read -r line <"/proc/$pid/stat"; } 2>/dev/null || say gone
line=${line##*") "}
line=${line#* }
parent=${line%% *}
way=
case $(uname -m) in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *) say machine ;;
esac
perl=/usr/bin/perl
if [ ! -x "$perl" ]; then
  perl=/proc/$parent/root$perl
  way="chroot /proc/$parent/root"
fi
if [ "$role" = init ]; then
  [ -x "$perl" ] || say perl
  cp "$perl" /.docker-bash-perl || say copy
  set -- "$pid" "$parent" "$machine"
else
  set -- "$machine" "$@"
fi
exec 9</.docker-bash-perl
# shellcheck disable=SC2086 # nothing, or two words
exec env -i LC_ALL=C "PATH=$PATH" $way /proc/self/fd/9 -e "$program" "$@"
