# Says the file's sum in one line (`none` for no file), then the file.

# shellcheck disable=SC2154 # it comes from edit-check.sh
[ -e "$file" ] || { echo none; exit 0; }
[ -r "$file" ] || no denied "$file"
size=$(wc -c < "$file") || no denied "$file"
[ "$size" -le 1048576 ] || no large "$file"
cksum < "$file"
cat "$file"
