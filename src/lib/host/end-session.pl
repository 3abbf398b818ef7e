# Ends a session: politely, and 0.6 s later by KILL. What it is given sends a signal to all that is left of the session, by
# its name or 0 for none, and returns to how many. In shells: inside/end-session.sh.

sub end_session {
  my ($each) = @_;
  $each->('HUP'); $each->('CONT');
  for (1 .. 12) { last unless $each->(0); select(undef, undef, undef, 0.05) }
  $each->('KILL');
}
