# As barrier-wait.line.sh, by a descriptor instead of the session's own streams; the command has neither of the two.

# shellcheck disable=SC2034 # what the line says is not looked at
read -r _dbg <&3 || exit 129
exec 3<&- 4>&-
