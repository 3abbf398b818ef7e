# What stands at a path is the container's choice. Only a regular file, or a link to one, is opened, and only its start is
# read: a FIFO would wait for ever, /dev/zero never end. `sed` marks the lines, so that none can pass for ours.
# $1 bytes of each, then the paths.

limit=$1; shift
for f in "$@"; do
  kind='missing'
  if [ -f "$f" ]; then kind='file'; [ -L "$f" ] && kind='link'; elif [ -e "$f" ] || [ -L "$f" ]; then kind='other'; fi
  echo "$kind $f"
  if [ -f "$f" ]; then head -c "$limit" "$f" | tr '\000' '?' | sed 's/^/|/'; echo; fi
done
exit 0
