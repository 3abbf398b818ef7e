# Becomes the program, beside which the watchdog is by now.

if [ "$1" = tty ]; then stty -onlcr tab0 <&8; fi
if [ "$1" = pipe ]; then
  # A shell makes one for a here-document, and no other program has to. Some make a file: that does not come along.
  exec 4<<end
.
end
  # shellcheck disable=SC2034 # it empties the pipe
  read -r line <&4
  if [ -p /proc/self/fd/4 ]; then exec 4>/proc/self/fd/4; else exec 4>&3; fi
fi
exec 7<&- 8>&-
# Whatever ours is: what an engine's service has.
umask 022
shift 3
exec "$@"
