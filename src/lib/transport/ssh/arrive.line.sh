# Becomes the barrier, in the environment that the words make which came in: $1 the folder, $2 the user and $3 the group to
# become, by number, or nothing, $4 how many variables follow; then the barrier's words.

unset LC_ALL
_dbf=$1 _dbu=$2 _dbi=$3 _dbn=$4
shift 4
cd -- "$_dbf" 2>/dev/null || {
  if [ -d "$_dbf" ]; then echo "$0 $$ 303"; else echo "$0 $$ 301"; fi
  exit 125
}
_dbh=
{ read -r _dbh < /proc/sys/kernel/hostname; } 2>/dev/null
_dbs=
if [ -n "$_dbu" ]; then
  HOME=/
  if _dbs=$(command -v setpriv); then
    :
  elif chroot --userspec=0:0 / true >/dev/null 2>&1; then
    _dbs=$(command -v chroot)
  else
    echo "$0 $$ 302"
    exit 125
  fi
fi
export HOME "HOSTNAME=$_dbh"
while [ "$_dbn" -gt 0 ]; do
  # shellcheck disable=SC2163 # it is a whole entry: NAME=value
  export "$1"
  shift
  _dbn=$((_dbn-1))
done
# shellcheck disable=SC2154 # they come from arrive-begin.line.sh
set -- "$_dbq" -c "$_dbg" "$0" "$@"
case $_dbs in
  */setpriv) set -- "$_dbs" "--reuid=$_dbu" "--regid=$_dbi" --clear-groups "$@" ;;
  */chroot) set -- "$_dbs" "--userspec=$_dbu:$_dbi" --groups= / "$@" ;;
esac
exec "$@"
