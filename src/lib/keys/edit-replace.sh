# $4 the sum the file must still have, $5 the size of what comes in. Ends with 4 when the file is another
# by now. The old file keeps a name until it is known that nobody wrote to it meanwhile.

expect=$4 size=$5
umask 077
why() {
  case $1 in *[Rr]ead-only*) no readonly ;; *[Nn]'o space'*|*quota*) no full ;; *[Dd]enied*) no denied "$dir" ;; esac
  no "$1"
}
# A folder of sshd's is root's and may be read by all; one in a home is the user's alone.
# shellcheck disable=SC2154 # home comes from edit-check.sh
case $file in "$home"/*) mode=600 dirmode=700 ;; *) mode=644 dirmode=755 ;; esac
# shellcheck disable=SC2174 # those above it are made by the umask, for the user alone
if [ ! -d "$dir" ]; then said=$(mkdir -p -m "$dirmode" "$dir" 2>&1) || why "$said"; fi
# Forced over a link: the rename must happen where it leads.
if [ -L "$file" ]; then real=$(readlink -f "$file") && [ -n "$real" ] && file=$real && dir=${file%/*}; fi
new=$dir/.docker-bash.$$
old=$new.old
lock=$dir/.docker-bash.lock locked=
trap 'rm -f "$new" "$old" "$new.tail"; [ -z "$locked" ] || rm -f "$lock"' EXIT
trap 'exit 1' HUP INT TERM PIPE
# What one of us left who was killed.
for f in "$dir"/.docker-bash.[0-9]*; do
  p=${f##*/.docker-bash.}
  [ ! -e "$f" ] || [ -d "/proc/${p%%.*}" ] || rm -f "$f"
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
  seen=${expect#* }
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
