# Says that it is there, in the environment that the words to come will make anew. $0 the tag, $1 a shell, $2 the barrier's
# script.

# shellcheck disable=SC2034 # they are for arrive.line.sh, and the locale is for what takes the words
_dbq=$1 _dbg=$2 LC_ALL=C
echo "$0 $$"
