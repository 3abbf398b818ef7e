# The barrier: becomes the command, in the environment it is to have.

_dbh=
if command -v env >/dev/null 2>&1; then _dbh=1; fi
# shellcheck disable=SC2154 # _dbe and _dbu come from barrier-find.line.sh
_dbs=$_dbe
while [ "$_dbe" -gt 0 ]; do
  _dbe=$((_dbe-1))
  _dbu="$_dbu _dbv$_dbe"
  if [ -n "$_dbh" ]; then eval "set -- \"\$_dbv$_dbe\" \"\$@\""; fi
done
# bash and zsh set SHLVL and _ again while they exec; only a program between them and the command can take them away. Nor
# is that program found any more once PATH is gone.
if [ -n "$_dbh" ] && { [ "$_dbs" -gt 0 ] || [ -n "${BASH_VERSION-}${ZSH_VERSION-}" ]; }; then
  for _dbd in $_dbu; do set -- -u "$_dbd" "$@"; done
  set -- env "$@"
else
  # shellcheck disable=SC2086 # a list of names
  unset $_dbu
fi
exec "$@"
