# The barrier: says under which PID the command will run and what was found. Without a command it ends here.

# shellcheck disable=SC2154 # _dbs comes from barrier-find.line.sh
echo "$0 $$ $_dbs"
[ "$_dbs" = 0 ] || exit "$_dbs"
