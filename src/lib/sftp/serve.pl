# The server: draft-ietf-secsh-filexfer-02 (version 3) with OpenSSH's extensions, and some of our own (`@docker-bash`).
#
# A path is the kernel's to resolve: links lead where they lead for the container. A path of our own kind begins with a
# zero byte, which no name has: `\0HANDLE/NAME/NAME` is beneath a folder that is open, and no link is followed on that
# way, so that no name in it can lead elsewhere. Names are bytes.

my ($READ, $WRITE, $CREATE, $EXCLUSIVE, $NONBLOCK, $DIRECTORY, $NOFOLLOW, $PATH) =
  $numbers->{setns} == 308 ? (0, 1, 0100, 0200, 04000, 0200000, 0400000, 010000000)
    : (0, 1, 0100, 0200, 04000, 040000, 0100000, 010000000);
# Most of a file that goes in one packet, in bytes.
my $most = 262144;
my (%handles, $count, %made, %batches, $asked, $read_on, %modes, %minutes);
sysopen(my $home, '.', $PATH | $DIRECTORY);

my $in = '';
my $out = '';
binmode STDIN; binmode STDOUT;
for (;;) {
  while (length $in >= 4) {
    my $size = unpack('N', $in);
    leave() if $size < 1 || $size > 2 * $most;
    last if length $in < 4 + $size;
    my ($type, $packet) = (unpack('x4 C', $in), substr($in, 5, $size - 1));
    substr($in, 0, 4 + $size) = '';
    take($type, $packet);
    flush() if length $out > $most;
  }
  flush();
  read_ahead();
  sysread(STDIN, $in, 1048576, length $in) or leave();
}

sub flush { while (length $out) { my $done = syswrite(STDOUT, $out) or leave(); substr($out, 0, $done) = '' } }
# What was begun and never got its name goes.
sub leave {
  for (values %made) { my ($folder, $name) = @$_; chdir $folder and unlink $name }
  for (values %batches) { chdir $_->{held} and unlink map { $_->[0] } @{$_->{made}} }
  exit 0;
}

sub send_packet { my $body = join '', @_; $out .= pack('N', length $body) . $body }
sub text { pack('N/a*', $_[0]) }
# The number of the error stands where the language would: a client of ours reads it there.
sub status {
  my ($id, $error) = @_;
  my $code = $error == 0 ? 0 : $error < 0 ? 1 : $error == 2 ? 2 : $error == 1 || $error == 13 ? 3
    : $error == 95 || $error == 38 ? 8 : 4;
  my $said = do { local $! = $error > 0 ? $error : 0; $error > 0 ? "$!" : $error < 0 ? 'end of file' : '' };
  send_packet(pack('CNN', 101, $id, $code), text($said), text("errno-$error"));
}
sub done { my ($id, $well) = @_; status($id, $well ? 0 : $! + 0 || 5) }

# Fields from the front of a packet.
sub word { my $value = unpack('N/a*', $_[0]); substr($_[0], 0, 4 + length $value) = ''; $value }
sub number { my $value = unpack('N', $_[0]); substr($_[0], 0, 4) = ''; $value }
sub long { my $value = unpack('Q>', $_[0]); substr($_[0], 0, 8) = ''; $value }

# Goes to where the last name of a path is meant. Returns that name, and whether no link may be followed.
sub place {
  my ($path) = @_;
  unless ($path =~ s/\A\0([^\/]*)\/?//) {
    # Where we are may not be ours to enter.
    unless ($path =~ /\A\//) { $! = 13; return unless $home && chdir $home }
    $! = 2, return if $path =~ /\0/;
    return ($path eq '' ? '.' : $path, 0);
  }
  my $folder = $handles{$1};
  my @names = split /\//, $path, -1;
  $! = 22, return if !$folder || grep { $_ eq '' || $_ eq '.' || $_ eq '..' || /\0/ } @names;
  chdir $folder->{fh} or return;
  my $name = pop @names // '.';
  for (@names) {
    # A link is not one (ENOTDIR).
    sysopen(my $next, $_, $PATH | $DIRECTORY | $NOFOLLOW) or return;
    chdir $next or return;
  }
  ($name, 1);
}
# The same of two paths: each as a folder that is open, and a name in it.
sub places {
  map {
    my ($name) = place($_) or return;
    my $in = $name =~ s/\A(.*\/)(?=[^\/]+\/*\z)//s ? $1 : '.';
    sysopen(my $folder, $in, $PATH | $DIRECTORY) or return;
    ($folder, $name);
  } @_;
}

sub attributes {
  my @is = @_;
  my $flags = 0xf | ($asked ? 0x80000000 : 0);
  my $bytes = pack('NQ>NNNNN', $flags, $is[7], $is[4], $is[5], $is[2], $is[8] & 0xffffffff, $is[9] & 0xffffffff);
  $bytes .= pack('N', 1) . text('docker-bash') . text(pack('Q>Q>NQ>Q>', @is[0, 1, 3, 6], $is[12] || 0)) if $asked;
  $bytes;
}
sub wanted {
  my %wanted;
  my $flags = number($_[0]);
  $wanted{size} = long($_[0]) if $flags & 1;
  @wanted{qw(uid gid)} = (number($_[0]), number($_[0])) if $flags & 2;
  $wanted{mode} = number($_[0]) & 07777 if $flags & 4;
  @wanted{qw(atime mtime)} = (number($_[0]), number($_[0])) if $flags & 8;
  \%wanted;
}
# Of what is open. The owner first: that takes the setuid bit away.
sub apply {
  my ($fh, $to) = @_;
  return if exists $to->{size} && !truncate $fh, $to->{size};
  return if exists $to->{uid} && !chown $to->{uid}, $to->{gid}, $fh;
  return if exists $to->{mode} && !chmod $to->{mode}, $fh;
  return if exists $to->{mtime} && !utime $to->{atime}, $to->{mtime}, $fh;
  1;
}
# Of a name; of the link itself, if it is one.
sub apply_to {
  my ($name, $to) = @_;
  my $bytes = "$name\0";
  return if exists $to->{uid} && call('fchownat', -100, \$bytes, $to->{uid}, $to->{gid}, 0x100) != 0;
  return if exists $to->{mode} && !-l $name && !chmod $to->{mode}, $name;
  my $times = pack('q4', $to->{atime} // 0, 0, $to->{mtime} // 0, 0);
  return if exists $to->{mtime} && call('utimensat', -100, \$bytes, \$times, 0x100) != 0;
  1;
}

sub keep { my ($id, $handle) = @_; my $name = 'h' . ++$count; $handles{$name} = $handle; send_packet(pack('CN', 102, $id), text($name)) }
sub named { my $handle = $handles{word($_[0])}; $! = 9 unless $handle; $handle }
sub found { my ($id, @is) = @_; @is ? send_packet(pack('CN', 105, $id), attributes(@is)) : done($id) }

# A regular file and nothing else, whatever takes its place meanwhile: a device is not to be opened, a FIFO not waited for.
sub regular {
  my ($name, $flags, $mode) = @_;
  my @is = $flags & $NOFOLLOW ? lstat $name : stat $name;
  if (@is && ($is[2] & 0170000) != 0100000) { $! = ($is[2] & 0170000) == 0040000 ? 21 : ($is[2] & 0170000) == 0120000 ? 40 : 6; return }
  sysopen(my $fh, $name, $flags | $NONBLOCK, $mode) or return;
  unless (-f $fh) { $! = 6; return }
  # The memory of a process is such a file, of ours too.
  if ($flags & ($WRITE | 2) && type_of($fh) == 0x9fa0) { $! = 13; return }
  binmode $fh;
  $fh;
}
# Of the file system, by statfs(2).
sub type_of { my $is = "\0" x 256; call('fstatfs', fileno $_[0], \$is) == 0 ? unpack 'q', $is : 0 }

# From one open file to another within the kernel, holes left as they are. Returns how far it came; undef is an error.
sub copy {
  my ($from, $at, $size, $to, $put) = @_;
  my $end = $size ? $at + $size : 9e15;
  my $way = 0;
  # What is there already would show through a hole.
  my $over = -s $to > $put;
  while ($at < $end) {
    my $data = $over ? $at : sysseek($from, $at, 3);
    # The rest is a hole: its end is the file's.
    if (!defined $data && $! == 6) { my $last = -s $from; $data = $last < $end ? $last : $end; return $data > $at ? $data + 0 : $at }
    if (defined $data && $data > $at) { return $end if $data >= $end; $put += $data - $at; $at = $data + 0 }
    my $hole = $over ? undef : sysseek($from, $at, 4);
    my $stop = defined $hole && $hole > $at && $hole < $end ? $hole + 0 : $end;
    while ($at < $stop) {
      defined sysseek($from, $at, 0) && defined sysseek($to, $put, 0) or return;
      my $count = $stop - $at < 0x40000000 ? $stop - $at : 0x40000000;
      my $done = $way == 0 ? call('copy_file_range', fileno $from, 0, fileno $to, 0, $count, 0)
        : $way == 1 ? call('sendfile', fileno $to, fileno $from, 0, $count) : through($from, $to);
      if ($done < 0) { return if $way == 2 || !grep { $! == $_ } 1, 5, 18, 22, 26, 38, 95; $way++; next }
      if ($done == 0) { return $at if $way == 2; $way = 2; next }
      $at += $done; $put += $done;
    }
  }
  $at;
}
sub through {
  my ($from, $to) = @_;
  my $got = sysread($from, my $bytes, $most) // return -1;
  spill($to, $bytes, 0) ? $got : -1;
}
# The second word's bytes from a place in it, where they lie.
sub spill {
  my ($to, undef, $at) = @_;
  for (my $end = length $_[1]; $at < $end;) { $at += syswrite($to, $_[1], $end - $at, $at) // return }
  1;
}

# sendmsg(2) and recvmsg(2) with one descriptor, by descriptor 3. What is pointed at has to live until the call is over.
sub give {
  my ($byte, $control) = ('x', pack('Q i i i x4', 20, 1, 1, fileno $_[0]));
  my $pieces = pack('P Q', $byte, 1);
  my $message = pack('Q Q P Q P Q Q', 0, 0, $pieces, 1, $control, length $control, 0);
  call('sendmsg', 3, \$message, 0) > 0;
}
sub taken {
  my ($byte, $control) = ("\0" x 8, "\0" x 24);
  my $pieces = pack('P Q', $byte, 1);
  my $message = pack('Q Q P Q P Q Q', 0, 0, $pieces, 1, $control, length $control, 0);
  call('recvmsg', 3, \$message, 0x40000000) > 0 or return;
  my ($size, $level, $type, $fd) = unpack('Q i i i', $control);
  $! = 5, return unless $level == 1 && $type == 1;
  open(my $fh, '<&=', $fd) or return;
  $! = 6, return unless -f $fh;
  $fh;
}

# The next names of a folder, as the body of their packet: empty at its end, undef is an error.
sub names {
  my ($handle) = @_;
  chdir $handle->{fh} or return;
  unless ($handle->{entries}) { opendir($handle->{entries}, '.') or return }
  my ($many, $list) = (0, '');
  while ($many < 500 && length $list < 65536 && defined(my $name = readdir $handle->{entries})) {
    my @is = lstat $name or next;
    $list .= text($name) . text($asked ? '' : long_name($name, \@is)) . attributes(@is);
    $many++;
  }
  $many ? pack('N', $many) . $list : '';
}
# While the client takes the names that it has got: whoever asks for some asks for the next, too.
sub read_ahead {
  my $handle = $read_on or return;
  undef $read_on;
  $handle->{ahead} = names($handle);
}

my (%on, %extension);
# Whoever does the work takes its fields from the front of the packet itself.
sub take {
  my ($type) = @_;
  if ($type == 1) {
    number($_[1]);
    while (length $_[1]) { $asked = 1 if word($_[1]) eq 'docker-bash'; word($_[1]) }
    # Each with its version.
    my @offered = map { (text($_), text(/statvfs/ ? 2 : 1)) } sort keys %extension;
    return send_packet(pack('CN', 2, 3), @offered);
  }
  my $id = number($_[1]);
  my $work = $on{$type};
  return status($id, 95) unless $work;
  $work->($id, $_[1]);
}

BEGIN {
  %on = (
    # OPEN
    3 => sub {
      my ($id) = @_;
      my ($path, $flags) = (word($_[1]), number($_[1]));
      my $to = wanted($_[1]);
      my ($name, $near) = place($path) or return done($id);
      my $how = ($flags & 2 ? $flags & 1 ? 2 : $WRITE : $READ) | ($near ? $NOFOLLOW : 0);
      $how |= $CREATE if $flags & 8;
      $how |= $EXCLUSIVE if $flags & 32;
      my $fh = regular($name, $how, $to->{mode} // 0666) or return done($id);
      return done($id) if $flags & 16 && !truncate $fh, 0;
      my $handle = {fh => $fh, append => $flags & 4};
      if ($asked && $flags & 32) {
        # Ours until it is renamed.
        sysopen(my $folder, '.', $PATH | $DIRECTORY);
        $made{$handle->{made} = $path} = [$folder, $name];
      }
      keep($id, $handle);
    },
    # CLOSE
    4 => sub { my $handle = delete $handles{word($_[1])}; $! = 9; done($_[0], $handle && (!$handle->{fh} || close $handle->{fh})) },
    # READ
    5 => sub {
      my ($id) = @_;
      my ($handle, $at, $size) = ((named($_[1]) or return done($id)), long($_[1]), number($_[1]));
      defined sysseek($handle->{fh}, $at, 0) or return done($id);
      # They come to where they are sent from, behind room for what stands before them.
      my $front = length $out;
      $out .= "\0" x 13;
      my $got = sysread($handle->{fh}, $out, $size < $most ? $size : $most, $front + 13);
      return substr($out, $front, 13, pack('N C N N', 9 + $got, 103, $id, $got)) if $got;
      substr($out, $front) = '';
      defined $got ? status($id, -1) : done($id);
    },
    # WRITE
    6 => sub {
      my ($id) = @_;
      my ($handle, $at) = ((named($_[1]) or return done($id)), long($_[1]));
      my $well = number($_[1]) == length $_[1] || do { $! = 22; 0 };
      $well &&= defined sysseek($handle->{fh}, $handle->{append} ? 0 : $at, $handle->{append} ? 2 : 0) && spill($handle->{fh}, $_[1], 0);
      # Whatever comes behind it is not to make a whole file of it.
      $handle->{failed} ||= $! + 0 unless $well;
      done($id, $well);
    },
    # LSTAT, FSTAT
    7 => sub { my ($name) = place(word($_[1])) or return done($_[0]); found($_[0], lstat $name) },
    8 => sub { my $handle = named($_[1]) or return done($_[0]); found($_[0], stat $handle->{fh}) },
    # SETSTAT
    9 => sub {
      my ($id) = @_;
      my ($name, $near) = place(word($_[1])) or return done($id);
      my $to = wanted($_[1]);
      return done($id, apply_to($name, $to)) if $near;
      return done($id) if exists $to->{size} && !truncate $name, $to->{size};
      return done($id) if exists $to->{uid} && !chown $to->{uid}, $to->{gid}, $name;
      return done($id) if exists $to->{mode} && !chmod $to->{mode}, $name;
      done($id, !exists $to->{mtime} || utime $to->{atime}, $to->{mtime}, $name);
    },
    # FSETSTAT
    10 => sub { my $handle = named($_[1]) or return done($_[0]); done($_[0], apply($handle->{fh}, wanted($_[1]))) },
    # OPENDIR
    11 => sub {
      my ($id) = @_;
      my ($name, $near) = place(word($_[1])) or return done($id);
      sysopen(my $fh, $name, $READ | $DIRECTORY | ($near ? $NOFOLLOW : 0)) or return done($id);
      keep($id, {fh => $fh, folder => 1});
    },
    # READDIR, in blocks
    12 => sub {
      my ($id) = @_;
      my $handle = named($_[1]) or return done($id);
      $! = 20, return done($id) unless $handle->{folder};
      my $names = delete $handle->{ahead} // names($handle) // return done($id);
      return status($id, -1) if $names eq '';
      send_packet(pack('CN', 104, $id), $names);
      $read_on = $handle;
    },
    # REMOVE, MKDIR, RMDIR
    13 => sub { my ($name) = place(word($_[1])) or return done($_[0]); done($_[0], unlink $name) },
    14 => sub { my ($name) = place(word($_[1])) or return done($_[0]); done($_[0], mkdir $name, wanted($_[1])->{mode} // 0777) },
    15 => sub { my ($name) = place(word($_[1])) or return done($_[0]); done($_[0], rmdir $name) },
    # REALPATH
    16 => sub {
      my ($id) = @_;
      my ($name) = place(word($_[1])) or return done($id);
      my $path = real($name) // return done($id);
      send_packet(pack('CNN', 104, $id, 1), text($path), text($path), pack('N', 0));
    },
    # STAT
    17 => sub { my ($name, $near) = place(word($_[1])) or return done($_[0]); found($_[0], $near ? lstat $name : stat $name) },
    # RENAME replaces nothing.
    18 => sub { done($_[0], renamed(word($_[1]), word($_[1]), 1)) },
    # READLINK
    19 => sub {
      my ($name) = place(word($_[1])) or return done($_[0]);
      my $to = readlink $name;
      defined $to ? send_packet(pack('CNN', 104, $_[0], 1), text($to), text($to), pack('N', 0)) : done($_[0]);
    },
    # SYMLINK, in OpenSSH's order: what it says comes first.
    20 => sub { my $to = word($_[1]); my ($name) = place(word($_[1])) or return done($_[0]); done($_[0], symlink $to, $name) },
    # EXTENDED
    200 => sub { my $work = $extension{word($_[1])} or return status($_[0], 95); $work->(@_) },
  );
}

sub renamed {
  my ($from, $to, $flags) = @_;
  my ($old, $name, $new, $other) = places($from, $to) or return;
  my @names = (fileno $old, \"$name\0", fileno $new, \"$other\0");
  if (call('renameat2', @names, $flags) != 0) {
    # A file system that cannot refuse to replace, or no file system of ours. A second name replaces nothing.
    return unless $flags && ($! == 22 || $! == 38);
    call('linkat', @names, 0) == 0 or return;
    chdir $old and unlink $name or return;
  }
  delete $made{$from};
  1;
}

# The path without links; of what is not there yet, its folder's.
sub real {
  my ($name) = @_;
  for (1 .. 40) {
    if (chdir $name) { my $path = "\0" x 4097; return if call('getcwd', \$path, 4096) < 0; $path =~ s/\0.*//s; return $path }
    my ($in, $last) = $name =~ /\A(.*\/)?([^\/]+)\/*\z/s or return;
    chdir $in or return if defined $in;
    if (defined(my $to = readlink $last)) { $name = $to; next }
    my $path = "\0" x 4097;
    return if call('getcwd', \$path, 4096) < 0;
    $path =~ s/\0.*//s;
    return ($path eq '/' ? '' : $path) . "/$last";
  }
  $! = 40;
  undef;
}

# As `ls -l` would have it, for people.
sub long_name {
  my ($name, $is) = @_;
  # Few of them differ, and a container may make them differ: those that are known are not kept for ever.
  %modes = () if keys %modes > 1000;
  %minutes = () if keys %minutes > 1000;
  my $mode = $modes{$is->[2]} //= mode_text($is->[2]);
  my $time = $minutes{int($is->[9] / 60)} //= time_text($is->[9]);
  sprintf('%s %4d %-8d %-8d %8s %s %s', $mode, @$is[3, 4, 5, 7], $time, $name);
}
sub mode_text {
  my ($mode) = @_;
  my $kind = {0040000 => 'd', 0120000 => 'l', 0100000 => '-', 0010000 => 'p', 0140000 => 's', 0060000 => 'b', 0020000 => 'c'}->{$mode & 0170000} // '?';
  join '', $kind, map { my $s = $_; map { ($mode >> $s) & $_->[0] ? $_->[1] : '-' } [4, 'r'], [2, 'w'], [1, 'x'] } 6, 3, 0;
}
sub time_text {
  my ($time) = @_;
  my @at = gmtime $time;
  my $when = abs($^T - $time) < 15552000 ? sprintf('%02d:%02d', @at[2, 1]) : $at[5] + 1900;
  sprintf('%s %2d %5s', (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$at[4]], $at[3], $when);
}
