# Ends a session: politely, and 0.6 s later by KILL. The watchdogs have `hang_up`, which is polite to all of it, and `each`,
# which sends $k to what is left of it and fails when that is nothing; where that is, $list may say, and is not to be
# believed. Fails when it ended before KILL. In perl: host/end-session.pl.

# A shell may have neither a sleep of parts of a second nor a sleep.
rest() { sleep 0.2 2>/dev/null || sleep 1 2>/dev/null; }
# shellcheck disable=SC2034 # $k is for each, and the number counts
end_session() {
  hang_up
  for try in 1 2 3; do
    k=0
    each || { list='' && each; } || return 1
    rest || break
  done
  list='' k=KILL
  each
  return 0
}
