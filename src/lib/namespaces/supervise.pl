# The part of enter.pl that the supervisor is from when the command runs until it has ended.

sub keep {
  my $orders = '';
  for (;;) {
    my ($in, $out, $silent) = ('', '', 0);
    vec($in, 3, 1) = 1;
    vec($in, $pidfd, 1) = 1 if $pidfd > 0;
    for (@ways) {
      if ($_->{held} ne '') { vec($out, fileno $_->{to}, 1) = 1 }
      # Once nobody inside has the terminal open any more, it is always ready, with an error.
      elsif ($_->{silent}) { $_->{silent} = 0; $silent = 1 }
      elsif (!$_->{over}) { vec($in, fileno $_->{from}, 1) = 1 }
    }
    my $ready = select($in, $out, undef, $pidfd > 0 && !$silent ? undef : 0.1);
    ($in, $out) = ('', '') if $ready <= 0;
    if (vec($in, 3, 1)) {
      my $count = sysread($link, my $bytes, 4096);
      return finish() unless $count;
      $orders .= $bytes;
      while ($orders =~ s/^(.*)\n//) { obey(split ' ', $1) }
    }
    for (@ways) {
      if ($_->{held} ne '') { pour($_) if vec($out, fileno $_->{to}, 1) }
      elsif (!$_->{over} && vec($in, fileno $_->{from}, 1)) { draw($_) || ($_->{hangup} && return finish()) }
    }
    if (waitpid($child, 1) == $child) {
      my $status = $?;
      last_words();
      report($status & 127 ? ('signal', $status & 127) : ('exit', $status >> 8));
      # At once: perl would first take apart all that it has made.
      call('exit_group', 0);
    }
  }
}

# 0 at the end of what it is drawn from.
sub draw {
  my ($way) = @_;
  return 1 if sysread($way->{from}, $way->{held}, 65536);
  $way->{held} = '';
  if ($way->{main}) { $way->{silent} = 1; return 1 }
  $way->{over} = 1;
  if ($way->{last}) { $way->{held} = $way->{last} } elsif (!$way->{out}) { close $way->{to} }
  0;
}

sub pour {
  my ($way) = @_;
  # Others may have the same socket or terminal open: it is not made non-blocking for them.
  my $done = $way->{send} ? send($way->{to}, $way->{held}, 0x40 | 0x4000)
    : syswrite($way->{to}, $way->{held}, $way->{main} ? 4096 : 65536);
  return 1 if !defined $done && ($! == 11 || $! == 4);
  # Nobody reads it any more: whoever writes is told the same way.
  unless (defined $done) { $way->{over} = 1; $way->{held} = ''; close $way->{from}; return 0 }
  substr($way->{held}, 0, $done) = '';
  1;
}

# What is on its way when the command has ended still arrives.
sub last_words {
  for my $way (grep { $_->{out} } @ways) {
    next if $way->{over} && $way->{held} eq '';
    fcntl($way->{from}, 4, 0x800) unless $way->{main};
    for (;;) {
      while ($way->{held} ne '') {
        my $out = ''; vec($out, fileno $way->{to}, 1) = 1;
        select(undef, $out, undef, undef);
        pour($way) or last;
      }
      last if $way->{over} || !sysread($way->{from}, $way->{held}, 65536);
    }
  }
}

sub obey {
  my ($verb, @rest) = @_;
  resize(@rest) if $verb eq 'size';
  if ($verb eq 'kill') {
    my $front = pack('i', 0);
    if ($tty && ioctl($master, 0x540F, $front)) { my $group = unpack('i', $front); kill $rest[0], -$group if $group > 0 && $group != $child }
    kill $rest[0], -$child;
  }
}

# We are let go: everything in the command's session ends, first politely.
sub finish {
  my $each = sub {
    my @found; waitpid($child, 1);
    opendir(my $dir, '/proc') or return;
    for my $entry (grep { /^\d+$/ } readdir $dir) {
      open(my $file, '<', "/proc/$entry/stat") or next; my $line = <$file> // '';
      my ($state, undef, undef, $session) = split ' ', substr($line, rindex($line, ')') + 2);
      push @found, $entry if $state !~ /[ZX]/ && $session == $child;
    }
    kill $_[0], @found; scalar @found;
  };
  end_session($each);
  exit 0;
}
