# As barrier-say.line.sh, by a descriptor instead of the session's own streams.

# shellcheck disable=SC2154 # _dbs comes from barrier-find.line.sh
echo "$0 $$ $_dbs" >&3
[ "$_dbs" = 0 ] || exit "$_dbs"
