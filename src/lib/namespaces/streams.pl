# The part of enter.pl that decides what the command has for its three streams.

sub way { my ($from, $to, %more) = @_; push @ways, {from => $from, to => $to, held => '', %more} }
sub ours { (\*STDIN, \*STDOUT, \*STDERR)[$_[0]] }
# What was made for the command, and is the supervisor's to give away.
sub made { $tty ? *STDIN : grep { $_ } @theirs }

# Of ours only a pipe becomes the command's own, and only one that has no name in any file system: whatever else it had
# open, it could open again, to write to what we only read, or to go on from there to the rest of the host's files.
# Between all other and the command the supervisor copies, by pipes of its own.
sub streams {
  pipe(my $one, my $other) or return 0;
  my ($unnamed) = stat $one;
  for my $fd (0 .. 2) {
    my $ours = ours($fd);
    my ($device, $mode, $number) = (stat $ours)[0, 2, 6];
    my $kind = ($mode // 0) & 0170000;
    next if $kind == 0010000 && $device == $unnamed;
    pipe(my $out, my $in) or return 0;
    $theirs[$fd] = $fd ? $in : $out;
    $null[$fd] = nothing($mode, $number);
    # Nobody is to wait for whoever does not read.
    fcntl($in, 4, 1 | 0x800) unless $fd;
    if ($fd) { way($out, $ours, out => 1, send => $kind == 0140000) } elsif (!$null[0]) { way($ours, $in) }
  }
  1;
}

sub device { my ($mode, $number, $which) = @_; defined $mode && ($mode & 0170000) == 0020000 && $number == $which }
sub nothing { device(@_[0, 1], 0x103) }

sub terminals {
  open(my $here, '<', '/proc/self/ns/mnt') or return 0;
  my $there = $spaces{mnt} && call('setns', fileno $spaces{mnt}, $flags{mnt}) == 0;
  my $theirs = multiplexer();
  return 0 if $there && call('setns', fileno $here, $flags{mnt}) != 0;
  terminal($theirs) || terminal(multiplexer()) or return 0;
  resize($rows, $columns);
  way(\*STDIN, $master, hangup => $tty eq 'ours', last => "\x04\x04");
  way($master, \*STDOUT, main => 1, out => 1);
  1;
}

# Looked at, and not opened: inside there can be any device by that name, and to open one may be all that it takes.
sub multiplexer {
  sysopen(my $look, '/dev/ptmx', 0x200000 | 0x80000) or return undef;
  device((stat $look)[2, 6], 0x502) ? $look : undef;
}

sub terminal {
  my ($look) = @_;
  $look && sysopen($master, '/proc/self/fd/' . fileno $look, 2 | 0x100 | 0x800) or return 0;
  my $unlocked = pack('i', 0);
  ioctl($master, 0x40045431, $unlocked) or return 0;
  my $fd = ioctl($master, 0x5441, 2 | 0x100) or return 0;
  open($slave, '+<&=', $fd + 0);
}

sub resize { my $size = pack('S4', @_, 0, 0); ioctl($master, 0x5414, $size) if $tty && $_[0] }

# The guide's part: it puts the command's streams in the place of ours.
sub take_up {
  for my $fd (0 .. 2) {
    my $theirs = $tty ? $slave : $theirs[$fd] or next;
    my $ours = ours($fd);
    open($ours, $fd ? '>&' : '<&', $theirs);
  }
  close $_ for grep { $_ } $slave, $master;
}

# The supervisor's: readers and writers at the other ends are not to wait for it.
sub lay_down {
  return if $tty;
  for my $fd (0 .. 2) {
    my $ours = ours($fd);
    if ($theirs[$fd]) { close $theirs[$fd] } else { open($ours, $fd ? '>' : '<', '/dev/null') }
  }
}

# The command's: /dev/null for what is nothing, its container's own, opened with no more rights than the container has.
# Where it has none, its input has ended, and the supervisor throws away what it says.
sub nothings {
  for my $fd (grep { $null[$_] } 0 .. 2) {
    next unless nothing((lstat '/dev/null')[2, 6]);
    sysopen(my $own, '/dev/null', ($fd ? 1 : 0) | 0x100 | 0x800) or next;
    next unless nothing((stat $own)[2, 6]);
    my $ours = ours($fd);
    fcntl($own, 4, $fd ? 1 : 0);
    open($ours, $fd ? '>&' : '<&', $own);
  }
}
