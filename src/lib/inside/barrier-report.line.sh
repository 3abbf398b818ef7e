# The barrier: says what keeps the kernel from the command where its output would begin: `readBlocked`.

# shellcheck disable=SC2154 # _dbw comes from barrier-look.line.sh
if [ -n "$_dbw" ]; then
  echo "$0 $_dbw ."
  exit "${_dbw%% *}"
fi
