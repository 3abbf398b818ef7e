# What may be written to. Every folder between the home and the file counts: a link in any of them leads elsewhere.
# $1 the file, $2 the user's home, $3 `force` or nothing. It says why it refuses in one word, and what it is about.

# shellcheck disable=SC2034 # dir is for edit-replace.sh
file=$1 home=$2 force=$3
dir=${file%/*}
no() { echo "$@"; exit 3; }
# Which mount something lies in, by the kernel's own number for it, however its path is spelt; of what is not there yet,
# the folder that it will be made in. Nothing but a file or a folder is opened: a FIFO would wait for ever.
lies() {
  at=$1 id=''
  while [ -n "$at" ] && [ ! -e "$at" ]; do at=${at%/*}; done
  at=${at:-/}
  [ -f "$at" ] || [ -d "$at" ] || return 1
  { while read -r name value; do [ "$name" = mnt_id: ] && id=$value; done < /proc/self/fdinfo/9; } 2>/dev/null 9< "$at"
  [ -n "$id" ]
}
if [ -z "$force" ]; then
  p=$file
  while :; do
    [ -L "$p" ] && no link "$p"
    case $p in "$home"|/|'') break ;; esac
    p=${p%/*}
  done
  root='' point=''
  lies / && root=$id
  if [ -n "$root" ] && lies "$file"; then
    while [ "$id" != "$root" ]; do point=$at; lies "${at%/*}" || break; done
    [ -z "$point" ] || no mount "$point"
  else
    # What may not be read, by the device of its folder: overlayfs has others for what is not a folder.
    lies "$file"
    [ -d "$at" ] || at=${at%/*}/
    one=$(stat -c %d / 2>/dev/null) two=$(stat -c %d "$at" 2>/dev/null)
    # shellcheck disable=SC2015 # it is refused whichever of the two is not so
    [ -n "$one" ] && [ "$one" = "$two" ] || no mount "$at"
  fi
fi
if [ -e "$file" ] && [ ! -f "$file" ]; then no other "$file"; fi
case $file in "$home"/*) [ -d "$home" ] || no home "$home" ;; esac
