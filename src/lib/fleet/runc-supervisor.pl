# The supervisor: one process beside us that starts an OCI runtime for each container of a fleet and is the watchdog of all.
# A process of our own size takes milliseconds to be copied for each child, and a watchdog for each costs a shell more;
# perl is small, and already what the namespaces are entered by (namespaces/enter.pl).
#
# Descriptor 3 is a socket by which orders come in, each `VERB NUMBER SIZE` and a newline, then SIZE bytes:
# `run` (the spec's size and the words, each ended by a zero byte, then the spec), `kill` (a
# signal's name), `end` (all that it runs inside), `hold` and `go` (stop and go on reading its output). When it ends,
# however we ended, everything is ended.
#
# Descriptor 4 is what goes out: a byte (1 stdout, 2 stderr, 3 stderr after the runtime logged something, 4 the end),
# number and length (32 bits, big-endian), bytes. The end's are the wait status and the runtime's log.

umask 022;
my @passed = qw(HUP INT TERM QUIT PIPE USR1 USR2);
$SIG{$_} = 'IGNORE' for @passed;
# Out of the control groups that may be killed whole: see waysOutOfCgroups().
for (@ARGV[1 .. $#ARGV]) { open(my $group, '+<', $_) or next; syswrite $group, 0 }
open(my $link, '+<&=', 3) or die; open(my $out, '+<&=', 4) or die;
# What a runtime is given as 5 and 6 must not be one of ours.
my @kept; do { open(my $null, '<', '/dev/null') or die; push @kept, $null } until fileno($kept[-1]) >= 6;
for ($link, $out) { fcntl($_, 2, 1); fcntl($_, 4, fcntl($_, 3, 0) | POSIX::O_NONBLOCK()) }
my (%jobs, %pipes); my ($orders, $words, $session) = ('', '', $$);
sub say_ { my ($kind, $number, $bytes) = @_; $words .= pack('CNN', $kind, $number, length $bytes) . $bytes }

sub stats {
  opendir(my $proc, '/proc') or return;
  my @all;
  for my $pid (grep { /^\d+$/ } readdir $proc) {
    open(my $file, '<', "/proc/$pid/stat") or next;
    my $line = <$file>; next unless defined $line;
    my @f = split ' ', substr($line, rindex($line, ')') + 2);
    push @all, {pid => $pid, state => $f[0], parent => $f[1], group => $f[2], session => $f[3], flags => $f[6]};
  }
  @all;
}
# The processes inside that runtimes started: their children in sessions of their own. Until its exec such a child is a
# copy of the runtime on its way in; that the kernel tells by a flag (PF_FORKNOEXEC), and no name that it may choose.
sub apart {
  my %of = map { $_ => 1 } @_;
  grep { $of{$_->{parent}} && $_->{session} != $session && $_->{state} ne 'Z' } stats();
}
sub leaders { grep { !($_->{flags} & 64) } apart(@_) }
# As the watchdog of a single session does it: a runtime on its way in is waited for; then HUP, within a second KILL.
sub finish {
  my @runtimes = @_; my %leads;
  for (1 .. 20) {
    my @all = stats();
    my %alive = map { $_->{pid} => 1 } grep { $_->{state} ne 'Z' } @all;
    my %has = map { $leads{$_->{session}} = 1; $_->{parent} => 1 } leaders(@runtimes);
    last unless grep { $alive{$_} && !$has{$_} } @runtimes;
    select(undef, undef, undef, 0.05);
  }
  $leads{$_->{session}} = 1 for apart(@runtimes);
  my $each = sub { my $n = 0; for (stats()) {
    next if $_->{state} =~ /[ZX]/ || !$leads{$_->{session}}; $n++; kill $_[0], $_->{pid} } $n };
  end_session($each);
  # They have to hand on the last output and the code. What one may be stuck in is then its own matter.
  my %mine = map { $_ => 1 } @runtimes;
  for (1 .. 10) {
    last unless grep { $mine{$_->{pid}} && $_->{state} ne 'Z' } stats();
    select(undef, undef, undef, 0.05);
  }
  kill 'KILL', @runtimes;
}
sub all_over { finish(map { $_->{pid} } values %jobs) if %jobs; POSIX::_exit(0) }

# In memory, where no disk is ever full.
eval { machine($ARGV[0]) };
sub memory {
  my $fd = $numbers ? call('memfd_create', \"docker-bash\0", 1) : -1;
  my $file;
  $fd >= 0 ? open($file, '+<&=', $fd) : open($file, '+>', undef);
  $file;
}
sub start {
  my ($number, $payload) = @_;
  my ($size, $rest) = split /\0/, $payload, 2;
  my @args = split /\0/, substr($rest, 0, length($rest) - $size);
  my %job = (number => $number);
  # Its input has ended. Not /dev/null: some runtimes hand what they have on, and that is the host's.
  my $ok = ($job{spec} = memory()) && ($job{log} = memory()) && pipe(my $ended, my $end) && pipe($job{out}, my $w1) &&
    pipe($job{err}, my $w2);
  close $end if $end;
  if ($ok) { binmode $job{spec}; syswrite($job{spec}, substr($payload, length($payload) - $size)) }
  my $pid = $ok ? fork : undef;
  if (!defined $pid) { my $why = "$!"; say_(4, $number, pack('N', 255 << 8) . $why); return }
  if ($pid == 0) {
    $SIG{$_} = 'DEFAULT' for @passed;
    POSIX::dup2(fileno($ended), 0); POSIX::dup2(fileno($w1), 1); POSIX::dup2(fileno($w2), 2);
    POSIX::dup2(fileno($job{spec}), 5); POSIX::dup2(fileno($job{log}), 6);
    { no warnings; exec { $args[0] } @args }
    POSIX::_exit(255);
  }
  close $job{spec}; $job{pid} = $pid; $job{left} = 2; $jobs{$number} = \%job;
  $pipes{fileno($job{out})} = [1, $number, $job{out}]; $pipes{fileno($job{err})} = [2, $number, $job{err}];
}
sub order {
  my ($verb, $number, $payload) = @_;
  return start($number, $payload) if $verb eq 'run';
  my $job = $jobs{$number} or return;
  if ($verb eq 'kill') { kill $payload, -$_->{group} for leaders($job->{pid}) }
  elsif ($verb eq 'hold') { $job->{held} = 1 }
  elsif ($verb eq 'go') { $job->{held} = 0 }
  elsif ($verb eq 'end' && !$job->{ending}++) {
    # A process of its own for it: the others' output goes on meanwhile.
    my $pid = fork; finish($job->{pid}) unless $pid; POSIX::_exit(0) if defined $pid && !$pid;
  }
}
sub hear {
  my $read = sysread($link, $orders, 65536, length $orders);
  return all_over() if defined $read ? $read == 0 : !$!{EAGAIN} && !$!{EINTR};
  while ($orders =~ /^(\w+) (\d+) (\d+)\n/) {
    my ($verb, $number, $size, $head) = ($1, $2, $3, $+[0]);
    last if length($orders) < $head + $size;
    order($verb, $number, substr($orders, $head, $size));
    substr($orders, 0, $head + $size, '');
  }
}
sub copy {
  my ($kind, $number, $handle) = @{$pipes{$_[0]}}; my $job = $jobs{$number};
  my $read = sysread($handle, my $bytes, 65536);
  return if !defined $read && $!{EINTR};
  # The runtime logs what it fails with before it says so on stderr.
  if ($read) { return say_($kind == 2 && -s $job->{log} ? 3 : $kind, $number, $bytes) }
  delete $pipes{$_[0]}; close $handle; $job->{left}--;
}
sub reap {
  for my $number (keys %jobs) {
    my $job = $jobs{$number};
    next if $job->{left} > 0 || waitpid($job->{pid}, POSIX::WNOHANG()) == 0;
    my $status = $?; my $log = '';
    sysseek($job->{log}, 0, 0); sysread($job->{log}, $log, 65536);
    delete $jobs{$number};
    say_(4, $number, pack('N', $status) . $log);
  }
}
while (1) {
  my ($r, $w) = ('', ''); vec($r, 3, 1) = 1; vec($w, 4, 1) = 1 if length $words;
  if (length($words) < 1048576) { for (keys %pipes) { vec($r, $_, 1) = 1 unless $jobs{$pipes{$_}[1]}{held} } }
  my $soon = grep { $_->{left} == 0 } values %jobs;
  my $found = select($r, $w, undef, $soon ? 0.003 : undef);
  if ($found > 0) {
    hear() if vec($r, 3, 1);
    for (keys %pipes) { copy($_) if vec($r, $_, 1) }
  }
  reap();
  if (length $words) {
    my $sent = syswrite($out, $words);
    if (defined $sent) { substr($words, 0, $sent, '') } elsif (!$!{EAGAIN} && !$!{EINTR}) { all_over() }
  }
}
