# Becomes the program, beside which the watchdog is by now.

if [ "$1" = tty ]; then stty -onlcr tab0 <&8; fi
exec 7<&- 8>&-
# Whatever ours is: what an engine's service has.
umask 022
shift 3
exec "$@"
