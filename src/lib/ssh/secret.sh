# A new file that only the login reads, for as long as our end of the exec is there. `set -C` makes it exclusively, so that
# no link is followed; no word of it is in an argv. An engine whose client goes sends it a signal: it has to clear up first.
# Takes the user, the name of the file and the secret, a line each; says where it is, or an empty line.

umask 077
IFS= read -r user; IFS= read -r name; IFS= read -r secret
trap '' HUP INT TERM PIPE
for d in /run /dev/shm /tmp; do
  f=$d/$name
  ( set -C; echo "$secret" > "$f" ) 2>/dev/null || { f=; continue; }
  if [ "$user" = root ] || chown "$user" "$f" 2>/dev/null; then break; fi
  rm -f "$f"; f=
done
echo "$f" 2>/dev/null
# shellcheck disable=SC2034 # what the line says is not looked at
read -r over
[ -z "$f" ] || rm -f "$f"
