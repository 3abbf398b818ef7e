# Sets the terminal by $1, words for stty, and becomes the command that the others are. Without an stty it stays as it is.

modes=$1
shift
set -f
# shellcheck disable=SC2086 # they are words
stty $modes 2>/dev/null
exec "$@"
