# The first process of the helper container: src/lib/namespaces/remote.ts says what it does.

my ($pid, $parent, $machine) = @ARGV;
my ($over, $door) = (0);
$SIG{PIPE} = 'IGNORE'; $SIG{$_} = sub { $over = 1 } for qw(HUP INT TERM);
sub out { my ($to, $bytes) = @_; while (length $bytes) { my $done = syswrite($to, $bytes) or return; substr($bytes, 0, $done) = '' } }
sub fact { my ($name, $text) = @_; out(\*STDOUT, "$name " . length($text) . "\n$text") }
socket($door, 1, 1, 0) && bind($door, meeting()) && listen($door, 1) or die "socket: $!";
my %files = (map { ($_, "/proc/$pid/$_") } qw(stat status limits cgroup oom_score_adj attr/current uid_map gid_map));
@files{qw(supervisor bundle mountinfo)} = map { "/proc/$parent/$_" } qw(cmdline cwd/config.json mountinfo);
for my $name (keys %files) {
  open(my $file, '<', $files{$name}) or next;
  local $/; my $text = <$file>;
  fact($name, $text) if defined $text;
}
fact('machine', $machine);
fact('end', '');
my ($link, $shut, $held) = (undef, 0, '');
for (;;) {
  if ($over && !$shut) { $shut = 1; last unless $link; shutdown($link, 1) }
  my $in = '';
  vec($in, 0, 1) = 1 unless $over;
  for ($door, $link) { vec($in, fileno $_, 1) = 1 if $_ }
  my $ready = select($in, undef, undef, $over ? 30 : undef);
  last if $ready == 0;
  next if $ready < 0;
  if (vec($in, 0, 1)) {
    my $bytes;
    if (!sysread(STDIN, $bytes, 65536)) { $over = 1 } elsif ($link) { out($link, $bytes) } else { $held .= $bytes }
  }
  if ($door && vec($in, fileno $door, 1) && accept($link, $door)) { close $door; undef $door; out($link, $held); next }
  if ($link && vec($in, fileno $link, 1)) {
    if (sysread($link, my $bytes, 65536)) { out(\*STDOUT, $bytes); next }
    last if $over;
    # What the command said last may still be on its way: we let it go, not it us.
    close $link; undef $link;
    out(\*STDOUT, "over\n");
  }
}
