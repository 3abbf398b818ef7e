# Prints files in base64, a line each; an empty one for what is not a file. $1 bytes of each, then the paths.

limit=$1; shift
for f in "$@"; do [ -f "$f" ] && head -c "$limit" "$f" | base64 | tr -d '\n'; echo; done
exit 0
