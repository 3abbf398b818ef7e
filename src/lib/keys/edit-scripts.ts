/**
 * The two halves of a change, as shell text that runs inside. Nothing but POSIX and `cksum`, which busybox has too.
 *
 * $1 the file, $2 the user's home, $3 `force` or nothing; then each one's own. They say why they refuse in one word,
 * and what it is about.
 */

/** What may be written to. Every folder between the home and the file counts: a link in any of them leads elsewhere. */
const check = `
file=$1 home=$2 force=$3
dir=\${file%/*}
no() { echo "$@"; exit 3; }
# Which mount something lies in, by the kernel's own number for it, however its path is spelt; of what is not there yet,
# the folder that it will be made in. Nothing but a file or a folder is opened: a FIFO would wait for ever.
lies() {
  at=$1 id=
  while [ -n "$at" ] && [ ! -e "$at" ]; do at=\${at%/*}; done
  at=\${at:-/}
  [ -f "$at" ] || [ -d "$at" ] || return 1
  { while read -r name value; do [ "$name" = mnt_id: ] && id=$value; done < /proc/self/fdinfo/9; } 2>/dev/null 9< "$at"
  [ -n "$id" ]
}
if [ -z "$force" ]; then
  p=$file
  while :; do
    [ -L "$p" ] && no link "$p"
    case $p in "$home"|/|'') break ;; esac
    p=\${p%/*}
  done
  root= point=
  lies / && root=$id
  if [ -n "$root" ] && lies "$file"; then
    while [ "$id" != "$root" ]; do point=$at; lies "\${at%/*}" || break; done
    [ -z "$point" ] || no mount "$point"
  else
    # What may not be read, by the device of its folder: overlayfs has others for what is no folder.
    lies "$file"
    [ -d "$at" ] || at=\${at%/*}/
    one=$(stat -c %d / 2>/dev/null) two=$(stat -c %d "$at" 2>/dev/null)
    [ -n "$one" ] && [ "$one" = "$two" ] || no mount "$at"
  fi
fi
if [ -e "$file" ] && [ ! -f "$file" ]; then no other "$file"; fi
case $file in "$home"/*) [ -d "$home" ] || no home "$home" ;; esac
`

/** Says the file's sum in one line (\`none\` for no file), then the file. */
export const look = `${check}
[ -e "$file" ] || { echo none; exit 0; }
[ -r "$file" ] || no denied "$file"
size=$(wc -c < "$file") || no denied "$file"
[ "$size" -le 1048576 ] || no large "$file"
cksum < "$file"
cat "$file"
`

/**
 * $4 the sum the file must still have, $5 the size of what comes in, $6 the user's name. Ends with 4 when the file is
 * another by now. The old file keeps a name until it is known that nobody wrote to it meanwhile.
 */
export const replace = `${check}
expect=$4 size=$5 user=$6
umask 077
why() {
  case $1 in *[Rr]ead-only*) no readonly ;; *[Nn]'o space'*|*quota*) no full ;; *[Dd]enied*) no denied "$dir" ;; esac
  no "$1"
}
# A folder of sshd's is root's and may be read by all; one in a home is the user's alone.
case $file in "$home"/*) mode=600 dirmode=700 ;; *) mode=644 dirmode=755 ;; esac
if [ ! -d "$dir" ]; then said=$(mkdir -p -m "$dirmode" "$dir" 2>&1) || why "$said"; fi
# Forced over a link: the rename must happen where it leads.
if [ -L "$file" ]; then real=$(readlink -f "$file") && [ -n "$real" ] && file=$real && dir=\${file%/*}; fi
new=$dir/.docker-bash.$$
old=$new.old
lock=$dir/.docker-bash.lock locked=
trap 'rm -f "$new" "$old" "$new.tail"; [ -z "$locked" ] || rm -f "$lock"' EXIT
trap 'exit 1' HUP INT TERM PIPE
# What one of us left who was killed.
for f in "$dir"/.docker-bash.[0-9]*; do
  p=\${f##*/.docker-bash.}
  [ ! -e "$f" ] || [ -d "/proc/\${p%%.*}" ] || rm -f "$f"
done
rm -f "$new" "$old" 2>/dev/null
said=$( { set -C; cat > "$new"; } 2>&1 ) || why "$said"
[ "$(wc -c < "$new")" -eq "$size" ] || no full
if [ -e "$file" ] && [ "$mode" = 644 ]; then mode=$(stat -c %a "$file" 2>/dev/null || echo 644); fi
said=$(chmod "$mode" "$new" 2>&1) || why "$said"
if [ -e "$file" ] && [ "$(id -u)" = 0 ]; then chown "$(stat -c %u:%g "$file" 2>/dev/null || echo 0:0)" "$new" 2>/dev/null; fi
# Two of us at once: the one who holds the lock compares and renames; it names its process, so that a dead one's is void.
n=0
until ln -s $$ "$lock" 2>/dev/null; do
  p=$(readlink "$lock")
  if [ -n "$p" ] && [ ! -d "/proc/$p" ]; then rm -f "$lock"; continue; fi
  n=$((n + 1))
  [ $n -lt 100 ] || no busy
  sleep 0.1 2>/dev/null || sleep 1
done
locked=1
# What was appended since it was read comes along; any other change begins anew. A line that did not end ends here.
seen=0 tail=$new.tail
append() {
  tail -c "+$((seen + 1))" "$1" > "$tail" || no full
  grew=$(wc -c < "$tail")
  if [ "$grew" -gt 0 ]; then
    [ -z "$(tail -c 1 "$2")" ] || echo >> "$2"
    cat "$tail" >> "$2" || no full
    seen=$((seen + grew))
  fi
  rm -f "$tail"
}
if [ -e "$file" ]; then
  [ "$expect" != none ] || exit 4
  seen=\${expect#* }
  [ "$(head -c "$seen" "$file" | cksum)" = "$expect" ] || exit 4
  append "$file" "$new"
  ln "$file" "$old" 2>/dev/null
elif [ "$expect" != none ]; then
  exit 4
fi
sync "$new" 2>/dev/null || sync
said=$(mv -f "$new" "$file" 2>&1) || why "$said"
# Somebody may have had the old file open: what went into it after the look is put behind the new one, too.
if [ -e "$old" ]; then append "$old" "$file"; sleep 0.05 2>/dev/null; append "$old" "$file"; fi
sync "$dir" 2>/dev/null || sync
exit 0
`
