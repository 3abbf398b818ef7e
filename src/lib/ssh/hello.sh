# Said before the watchdog watches: which process it is, and, where it was told of a secret ($3), what that is and whose
# mounts it sees. An engine mounts files of its own into a container, from a folder with the container's ID.

s='' m=''
if [ -n "$3" ]; then
  { IFS= read -r s < "$3"; } 2>/dev/null
  # shellcheck disable=SC2034 # not every field is of use
  { while read -r i p d root rest; do case $root in */containers/*|*-containers/*) m="$m $root" ;; esac; done < /proc/self/mountinfo; } 2>/dev/null
fi
echo "$0 $$ ${s:--}$m"
