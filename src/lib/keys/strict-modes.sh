# What sshd's StrictModes refuses: anything from the file up to the home that others may write to, or that is another's.
# $1 the file, $2 the home, $3 the number of the user.

file=$1 home=$2 uid=$3
p=$file
while :; do
  # shellcheck disable=SC2046 # the number and the mode
  set -- $(stat -c '%u %A' "$p" 2>/dev/null)
  case $2 in
    ?????w????) echo "$p is group-writable" ;;
    ????????w?) echo "$p can be written by everybody" ;;
  esac
  [ -z "$1" ] || [ "$1" = "$uid" ] || [ "$1" = 0 ] || echo "$p belongs to another user"
  case $p in "$home"|/|'') break ;; esac
  p=${p%/*}
done
exit 0
