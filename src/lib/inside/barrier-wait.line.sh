# The barrier: waits for one line, and ends if nobody is there who would write it.

# shellcheck disable=SC2034 # what the line says is not looked at
read -r _dbg || exit 129
