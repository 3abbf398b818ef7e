# Many small files at a time, which our client alone asks for.

BEGIN {
  %extension = (
    %extension,
    # Of many small files in a folder what each is, and its bytes; of as many as one packet takes. An error for one that is
    # something else by now, has other names, or (where that is asked) extended attributes.
    'small@docker-bash' => sub {
      my ($id) = @_;
      my ($handle, $largest, $bare) = ((named($_[1]) or return done($id)), number($_[1]), number($_[1]));
      chdir $handle->{fh} or return done($id);
      my ($many, $list) = (0, '');
      for (; length $_[1] && length $list < $most; $many++) {
        my ($is, $bytes) = small(word($_[1]), $largest, $bare);
        $list .= $is ? pack('N', 0) . attributes(@$is) . text($bytes) : pack('N', $! + 0 || 5);
      }
      send_packet(pack('CNN', 201, $id, $many), $list);
    },
    # The next small files of a folder, to the server that this one is joined to, which is asked to take them: as many as go
    # at once. Said are their names, with a slash between them, and what else there is; and whether there is more. Where
    # the folder has no more than a few of them, they are what else there is.
    'send-small@docker-bash' => sub {
      my ($id) = @_;
      my $handle = named($_[1]);
      my ($largest, $bare, $few) = map { number($_[1]) } 1 .. 3;
      my $next = $handle && portion($handle, $largest);
      my $error = $next ? 0 : $! + 0 || 5;
      my $small = $next->{small};
      if ($next->{all} && @$small <= $few) { push @{$next->{others}}, splice @$small }
      my $list = '';
      for (@$small) {
        my ($is, $bytes) = small($_->[0], $largest, $bare, @$_[1 .. 13]);
        $list .= $is ? pack('N6', 0, @$is[4, 5, 2, 8, 9]) . text($_->[0]) . text($bytes) : pack('N', $! + 0 || 5);
        pass($list), $list = '' if length $list > 65536;
      }
      pass($list . pack 'N', 0xffffffff);
      return status($id, $error) if $error;
      send_packet(pack('CN', 201, $id), text(join '/', map { $_->[0] } @$small), entries($next));
    },
    # The same without any that are sent.
    'portion@docker-bash' => sub {
      my ($id) = @_;
      my $next = portion((named($_[1]) or return done($id))) or return done($id);
      send_packet(pack('CN', 201, $id), entries($next));
    },
    # Makes many in a folder, each as it is to be, under names of their own until name-small.
    'make-small@docker-bash' => sub {
      my ($id) = @_;
      my $batch = batch(word($_[1]), number($_[1])) or return done($id);
      my ($at, $failed) = (0, '');
      for (; length $_[1]; $at++) {
        my ($name, $to, $bytes) = (word($_[1]), wanted($_[1]), word($_[1]));
        $failed .= pack('NN', $at, $! + 0 || 5) unless made_small($batch, $at, $name, $to, $bytes);
      }
      many($id, $batch, $failed);
    },
    # The same of what comes from the other one, which says why not, too: with a high bit.
    'take-small@docker-bash' => sub {
      my ($id) = @_;
      my ($folder, $number, $rule, $uid, $gid, $mode) = (word($_[1]), map { number($_[1]) } 1 .. 5);
      my ($at, $failed, $list, $batch, $error) = (0, '', '');
      for (;; $at++) {
        $list = passed() if $list eq '';
        my $theirs = number($list);
        last if $theirs == 0xffffffff;
        if ($theirs) { $failed .= pack 'NN', $at, $theirs | 0x80000000; next }
        my %to;
        (@to{qw(uid gid mode atime mtime)}, my $name, my $bytes) = unpack('N5 N/a* N/a*', $list);
        substr($list, 0, 28 + length($name) + length $bytes) = '';
        # Its owner: none, theirs, or the one that was named. Its mode: what may be left of theirs, or that.
        delete @to{qw(uid gid)} unless $rule & 3;
        @to{qw(uid gid)} = ($uid, $gid) if $rule & 2;
        $to{mode} = $rule & 4 ? $mode : $to{mode} & $mode;
        $batch ||= batch($folder, $number) or $error ||= $! + 0 || 5;
        next if $batch && made_small($batch, $at, $name, \%to, $bytes);
        $failed .= pack 'NN', $at, $error || $! + 0 || 5;
      }
      many($id, $batch, $failed);
    },
    # Gives those of a batch that were made their names. One that could not have its name goes.
    'name-small@docker-bash' => sub {
      my ($id) = @_;
      my $batch = delete $batches{number($_[1])};
      $! = 9, return done($id) unless $batch;
      my $here = chdir $batch->{held};
      my $failed = '';
      for (splice @{$batch->{made}}) {
        my ($begun, $name, $at) = @$_;
        push(@{$batch->{made}}, $_), next if $here && rename $begun, $name;
        $failed .= pack 'NN', $at, $! + 0 || 5;
        unlink $begun if $here;
      }
      many($id, $batch, $failed);
    },
  );
}

# The next of those that a folder had when it was first asked for them, each with what lstat says of it: small files, and
# the others.
sub portion {
  my ($handle, $largest) = @_;
  chdir $handle->{fh} or return;
  my $is_first = !$handle->{left};
  if ($is_first) {
    opendir(my $names, '.') or return;
    $handle->{left} = [grep { $_ ne '.' && $_ ne '..' } readdir $names];
  }
  my ($left, $size, @small, @others) = ($handle->{left}, 0);
  while (@$left && @small < 128 && $size < 131072 && @others < 500) {
    my $name = shift @$left;
    my @is = lstat $name or next;
    my $is_small = defined $largest && ($is[2] & 0170000) == 0100000 && $is[3] == 1 && $is[7] <= $largest;
    push @{$is_small ? \@small : \@others}, [$name, @is];
    $size += $is[7] if $is_small;
  }
  {small => \@small, others => \@others, all => $is_first && !@$left, more => @$left ? 1 : 0};
}
sub entries {
  my ($next) = @_;
  my $others = $next->{others};
  pack('CN', $next->{more}, scalar @$others) . join '', map { my ($name, @is) = @$_; text($name) . text('') . attributes(@is) } @$others;
}

sub is_name { $_[0] ne '' && $_[0] ne '.' && $_[0] ne '..' && $_[0] !~ /[\/\0]/ or $! = 22, 0 }
# What a small file is, as stat has it, and its bytes.
sub small {
  my ($name, $largest, $bare, @is) = @_;
  is_name($name) or return;
  @is or @is = lstat $name or return;
  $! = 7, return if ($is[2] & 0170000) != 0100000;
  my $fd = raw_open($name, $READ | $NOFOLLOW | $NONBLOCK, 0);
  return if $fd < 0;
  my @all = small_in($fd, $largest, $bare, @is[0, 1]);
  my $error = $! + 0;
  raw_close($fd);
  $! = $error;
  @all;
}
sub small_in {
  my ($fd, $largest, $bare, $device, $inode) = @_;
  my @is = raw_stat($fd) or return;
  $! = 7;
  return if ($is[2] & 0170000) != 0100000 || $is[1] != $inode || $is[3] > 1 || $is[7] > $largest;
  return if $bare && call('flistxattr', $fd, 0, 0) > 0;
  my $got = raw_read($fd, my $bytes, $largest + 1);
  return if $got < 0;
  # Of what has no size (in /proc) there may be more.
  $! = 7, return if $got > $largest || $got && !$is[7];
  $is[0] = $device;
  (\@is, $bytes);
}

# By what joins two servers, a piece at a time: neither reads what comes behind it, which may be a descriptor.
sub pass {
  my $piece = text($_[0]);
  spill($door, $piece, 0) or leave();
}
sub passed {
  my $size = unpack 'N', exactly(4);
  leave() if $size > 2 * $most;
  exactly($size);
}
sub exactly {
  my $bytes = '';
  while (length $bytes < $_[0]) { sysread($door, $bytes, $_[0] - length $bytes, length $bytes) or leave() }
  $bytes;
}

# The small files of a folder that are made at once: the folder, a number of whoever asks, and what a file is from birth on.
sub batch {
  my ($folder, $number) = @_;
  my $handle = $handles{$folder};
  $! = 9, return unless $handle;
  chdir $handle->{fh} && sysopen(my $held, '.', $PATH | $DIRECTORY) or return;
  call('getrandom', \(my $random = "\0" x 512), 512, 0) == 512 or return;
  # Where the folder gives its group, or says what is allowed to whom, a file is not born as it was asked for.
  my $plain = !((stat $handle->{fh})[2] & 02000) && call('fgetxattr', fileno $handle->{fh}, \"system.posix_acl_default\0", 0, 0) < 0;
  $batches{$number} = {held => $held, random => $random, made => [], bytes => 0, plain => $plain, uid => $>, gid => $) + 0};
}
sub made_small {
  my ($batch, $at, $name, $to) = @_;
  is_name($name) or return;
  # What it is from birth on need not be changed.
  delete @$to{qw(uid gid)} if $batch->{plain} && exists $to->{uid} && $to->{uid} == $batch->{uid} && $to->{gid} == $batch->{gid};
  my $mode = $batch->{plain} && !exists $to->{uid} && !(($to->{mode} // 07000) & 07000) ? delete $to->{mode} : 0600;
  # Nobody who has seen one knows the next.
  my $begun = '.' . substr($name, 0, 233) . '.docker-bash-' . unpack 'H8', substr $batch->{random}, $at % 128 * 4, 4;
  my $fd = raw_open($begun, $WRITE | $CREATE | $EXCLUSIVE | $NOFOLLOW, $mode);
  return if $fd < 0;
  # The owner first: that takes the setuid bit away.
  my $well = raw_write($fd, $_[4]) == 0
    && (!exists $to->{uid} || raw_chown($fd, $to->{uid}, $to->{gid}) == 0)
    && (!exists $to->{mode} || raw_chmod($fd, $to->{mode}) == 0)
    && (!exists $to->{mtime} || raw_utime($fd, $to->{atime}, $to->{mtime}) == 0);
  my $error = $! + 0;
  if (raw_close($fd) != 0 && $well) { $error = $! + 0; undef $well }
  if ($well) { $batch->{bytes} += length $_[4]; push @{$batch->{made}}, [$begun, $name, $at]; return 1 }
  unlink $begun;
  $! = $error;
  return;
}
# What became of them: how many it went well with, their bytes, and why not with each of the others.
sub many {
  my ($id, $batch, $failed) = @_;
  send_packet(pack('C N N Q>', 201, $id, $batch ? scalar @{$batch->{made}} : 0, $batch ? $batch->{bytes} : 0), text($failed));
}
