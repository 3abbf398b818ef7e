# Carries connections and datagrams of the network that it is in over its input and output, many at once.
#
# For a perl that has no library of modules: the first process of a container beside the one that is meant. It runs nothing
# and loads nothing. A frame is the number of a socket (4 bytes), what it says (a letter), the length of what follows
# (4 bytes), and that; carried.ts has the other end, and what each letter means. The sockets that are asked for are
# numbered there, those that are accepted here, from 2^31 on.
#
# For each way of a connection no more is under way than the window: what is read from a socket waits for the other end to
# have handed it on, so that one that is not read holds up no other one, and nothing grows. The input is always read.
#
# Words: the machine, in Node's word; whether paths of the files of the container are meant, whose first process is the
# first of this PID namespace then; and, if it is to be a user of the container's, that user, its group and its other
# groups (by commas). By their numbers, which are the same here.

$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT PIPE);
$SIG{TERM} = sub { leave() };
$0 = 'docker-bash-carrier';
my ($window, $piece, $backlog) = (262144, 65536, 1048576);
machine(shift @ARGV);
my ($files, $user, $group, $groups) = @ARGV;
# The files belong to this process before it has another root.
my @tables;
for ('tcp', 'tcp6') { open(my $table, '<', "/proc/self/net/$_") or next; push @tables, $table }
# Nobody beside it looks into it, nor takes what it holds.
sub hide { call('prctl', 4, 0, 0, 0, 0) }
hide();

my ($in, $out) = ('', '');
my ($reading, $writing) = ('', '');
# By number, and the same by descriptor.
my (%sockets, %by_descriptor);
my $accepted = 2147483648;
# No more of them are taken until one is gone: there are no descriptors left.
my $is_full = 0;

fcntl($_, 4, fcntl($_, 3, 0) | 0x800) for *STDIN, *STDOUT;
lessen() if $files || defined $user;
put(0, 'O', '');

for (;;) {
  my ($readable, $writable) = ($reading, $writing);
  $readable = '' if length $out >= $backlog;
  vec($readable, 0, 1) = 1;
  vec($writable, 1, 1) = 1 if length $out;
  next if select($readable, $writable, undef, undef) < 0;
  if (vec($readable, 0, 1)) {
    my $got = sysread(STDIN, $in, 262144, length $in);
    leave() if defined $got ? $got == 0 : $! != 11;
    take();
  }
  for my $descriptor (keys %by_descriptor) {
    my $socket = $by_descriptor{$descriptor} // next;
    write_to($socket) if vec($writable, $descriptor, 1);
    read_from($socket) if vec($readable, $descriptor, 1) && $by_descriptor{$descriptor};
  }
  flush_out() if length $out;
}

sub put { $out .= pack('N a N', $_[0], $_[1], length $_[2]) . $_[2] }
sub refuse { put($_[0], 'F', pack('N', $_[1])) }
sub flush_out {
  my $done = syswrite(STDOUT, $out);
  leave() unless defined $done || $! == 11;
  substr($out, 0, $done // 0, '');
}

sub take {
  my $at = 0;
  while (length($in) - $at >= 9) {
    my ($number, $verb, $length) = unpack("x$at N a N", $in);
    leave() if $length > 2 * $piece;
    last if length($in) - $at - 9 < $length;
    heard($number, $verb, substr($in, $at + 9, $length));
    $at += 9 + $length;
  }
  substr($in, 0, $at, '');
}

sub heard {
  my ($number, $verb, $bytes) = @_;
  return look($number, $bytes) if $verb eq 'Q';
  return ask($number, split ' ', $bytes) if $verb eq 'N';
  # It may have ended meanwhile.
  my $socket = $sockets{$number} // return;
  if ($verb eq 'D') { $socket->{waiting} .= $bytes; write_to($socket) unless $socket->{connecting} }
  elsif ($verb eq 'U') { throw($socket, $bytes) }
  elsif ($verb eq 'W') { $socket->{credit} += unpack('N', $bytes); want($socket) }
  elsif ($verb eq 'E') { $socket->{last} = 1; write_to($socket) unless $socket->{connecting} }
  elsif ($verb eq 'K') { let_go($socket) }
  elsif ($verb eq 'R') { setsockopt($socket->{handle}, 1, 13, pack('i i', 1, 0)); done($socket) }
}

# Who listens at a port: addresses as the kernel's table has them.
sub look {
  my ($number, $port) = @_;
  my ($hex, %found) = (sprintf('%04X', $port));
  for my $table (@tables) {
    seek($table, 0, 0);
    for (<$table>) { $found{$1} = 1 if /^ *\d+: ([0-9A-F]+):$hex [0-9A-F]+:[0-9A-F]{4} 0A / }
  }
  put($number, 'Q', join ' ', keys %found);
}

# A kernel's sockaddr: an address in network order, or the bytes of a path; an abstract one begins with a zero byte.
sub address {
  my ($family, $bytes, $port) = ($_[0], pack('H*', $_[1]), $_[2]);
  return (2, pack('S n a4 x8', 2, $port, $bytes)) if $family eq 'ipv4';
  return (10, pack('S n N a16 L', 10, $port, 0, $bytes, 0)) if $family eq 'ipv6';
  (1, pack($bytes =~ /^\0/ ? 'S a*' : 'S a* x', 1, $bytes));
}

sub ask {
  my ($number, $verb, @where) = @_;
  my ($family, $address) = address(@where);
  my $path = $family == 1 ? pack('H*', $where[1]) : '';
  # Not inside, it would be a path of this container's own.
  return refuse($number, 2) if $path =~ /^[^\0]/ && !$files;
  my $datagrams = $verb eq 'send' || $verb eq 'receive';
  if ($verb eq 'folder') {
    mkdir $path, 0700 or return refuse($number, $! + 0);
    $sockets{$number} = {number => $number, kind => 'folder', path => $path, file => identity($path)};
    return put($number, 'O', '');
  }
  # SOCK_DGRAM or SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC
  socket(my $handle, $family, ($datagrams ? 2 : 1) | 0x800 | 0x80000, 0) or return refuse($number, $! + 0);
  my $socket = {number => $number, handle => $handle, family => $family};
  if ($datagrams) {
    return refuse($number, $! + 0) unless $verb eq 'send' || bind($handle, $address);
    $socket->{kind} = 'datagrams';
  } elsif ($verb eq 'listen') {
    setsockopt($handle, 1, 2, 1) if $family != 1;
    my $mask = umask 0177;
    my $is_bound = bind($handle, $address) ? 0 : $! + 0;
    umask $mask;
    return refuse($number, $is_bound) if $is_bound;
    if ($path =~ /^[^\0]/) { $socket->{path} = $path; $socket->{file} = identity($path) }
    unless (listen($handle, 511)) { my $why = $! + 0; drop($socket); return refuse($number, $why) }
    $socket->{kind} = 'listener';
  } else {
    connection($socket);
    # EINPROGRESS
    if (!connect($handle, $address)) { return refuse($number, $! + 0) if $! != 115; $socket->{connecting} = 1 }
  }
  keep($socket);
  opened($socket) unless $socket->{connecting};
}

sub connection {
  my ($socket) = @_;
  @$socket{qw(kind waiting written credit)} = ('connection', '', 0, $window);
  # Small pieces go at once.
  setsockopt($socket->{handle}, 6, 1, 1) if $socket->{family} != 1;
}

# With the port that was free, where it has one.
sub opened {
  my ($socket) = @_;
  my $port = $socket->{family} == 1 ? 0 : unpack('x2 n', getsockname $socket->{handle});
  put($socket->{number}, 'O', pack('n', $port));
}

sub keep {
  my ($socket) = @_;
  $sockets{$socket->{number}} = $by_descriptor{fileno $socket->{handle}} = $socket;
  want($socket);
}

sub want {
  my ($socket) = @_;
  my ($kind, $descriptor) = ($socket->{kind}, fileno $socket->{handle});
  my $reads = $kind eq 'listener' ? !$is_full : $kind eq 'datagrams' || (!$socket->{connecting} && !$socket->{over} && $socket->{credit} > 0);
  vec($reading, $descriptor, 1) = $reads ? 1 : 0;
  vec($writing, $descriptor, 1) = $socket->{connecting} || length($socket->{waiting} // '') ? 1 : 0;
}

sub read_from {
  my ($socket) = @_;
  my ($number, $handle) = @$socket{qw(number handle)};
  return accept_at($socket) if $socket->{kind} eq 'listener';
  if ($socket->{kind} eq 'datagrams') {
    my $from = recv($handle, my $bytes, 65535, 0) // return;
    return put($number, 'U', whence($from) . $bytes);
  }
  my $most = $socket->{credit} < $piece ? $socket->{credit} : $piece;
  my $got = sysread($handle, my $bytes, $most);
  if (!defined $got) { return $! == 11 || $! == 4 ? undef : broken($socket) }
  if ($got == 0) {
    $socket->{over} = 1;
    put($number, 'E', '');
  } else {
    $socket->{credit} -= $got;
    put($number, 'D', $bytes);
  }
  want($socket);
  done($socket) if $socket->{over} && $socket->{shut};
}

sub write_to {
  my ($socket) = @_;
  my ($number, $handle) = @$socket{qw(number handle)};
  if ($socket->{connecting}) {
    my $why = unpack('i', getsockopt($handle, 1, 4));
    if ($why) { refuse($number, $why); return done($socket) }
    delete $socket->{connecting};
    opened($socket);
  }
  if (length $socket->{waiting}) {
    my $put = syswrite($handle, $socket->{waiting});
    if (!defined $put) { return broken($socket) if $! != 11 && $! != 4; $put = 0 }
    substr($socket->{waiting}, 0, $put, '');
    $socket->{written} += $put;
    if ($socket->{written} >= $window / 4) { put($number, 'W', pack('N', $socket->{written})); $socket->{written} = 0 }
  }
  if ($socket->{last} && !$socket->{shut} && !length $socket->{waiting}) {
    shutdown($handle, 1);
    $socket->{shut} = 1;
  }
  want($socket);
  done($socket) if $socket->{over} && $socket->{shut};
}

sub broken { my ($socket) = @_; put($socket->{number}, 'R', pack('N', $! + 0)); done($socket) }

sub accept_at {
  my ($listener) = @_;
  my $from = accept(my $handle, $listener->{handle});
  # No descriptors or no memory, of its own or of all: errno(3).
  if (!$from) { full(1) if $! == 24 || $! == 23 || $! == 105 || $! == 12; return }
  fcntl($handle, 4, fcntl($handle, 3, 0) | 0x800);
  my $socket = {number => $accepted++, handle => $handle, family => $listener->{family}};
  connection($socket);
  my $peer = $listener->{family} == 1 ? '' : whence($from);
  put($socket->{number}, 'A', pack('N', $listener->{number}) . $peer);
  keep($socket);
}
sub full { ($is_full) = @_; want($_) for grep { $_->{kind} eq 'listener' } values %sockets }

# An address and a port, of a datagram or of who has connected: family, port, scope, 16 bytes of which the fourth version has 4.
sub whence {
  my ($from) = @_;
  my $family = unpack('S', $from);
  return pack('C n N a16', 4, unpack('x2 n', $from), 0, substr($from, 4, 4)) if $family == 2;
  my ($port, $address, $scope) = unpack('x2 n x4 a16 L', $from);
  pack('C n N a16', 6, $port, $scope, $address);
}
sub throw {
  my ($socket, $bytes) = @_;
  my ($family, $port, $scope, $address) = unpack('C n N a16', substr($bytes, 0, 23, ''));
  # What cannot be sent is lost, as a datagram may be.
  send($socket->{handle}, $bytes, 0, $family == 4 ? pack('S n a4 x8', 2, $port, $address) : pack('S n N a16 L', 10, $port, 0, $address, $scope));
}

# What was sent goes out first, as by the kernel when a descriptor is closed.
sub let_go {
  my ($socket) = @_;
  return done($socket) if $socket->{connecting} || !length($socket->{waiting} // '');
  @$socket{qw(over last)} = (1, 1);
  want($socket);
}
sub done {
  my ($socket) = @_;
  delete $sockets{$socket->{number}};
  drop($socket);
  my $handle = $socket->{handle} // return;
  my $descriptor = fileno $handle;
  vec($_, $descriptor, 1) = 0 for $reading, $writing;
  delete $by_descriptor{$descriptor};
  close $handle;
  full(0) if $is_full;
}
# A listener's file goes with it, if it is still the same, and a folder, if it is empty.
sub drop {
  my ($kind, $path, $file) = @{$_[0]}{qw(kind path file)};
  return unless defined $path && (identity($path) // '') eq ($file // '-');
  ($kind // '') eq 'folder' ? rmdir $path : unlink $path;
}
sub identity { my @is = lstat $_[0]; @is ? "$is[0]:$is[1]" : undef }

# What was sent to somebody inside comes there, as the kernel sees to it for who has ended; not for
# long, and only as long as it is read.
sub leave {
  drop($_) for sort { ($a->{kind} eq 'folder') <=> ($b->{kind} eq 'folder') } values %sockets;
  my $until = time + 3;
  for (;;) {
    my $writable = '';
    vec($writable, fileno $_->{handle}, 1) = 1 for grep { length($_->{waiting} // '') && !$_->{connecting} } values %sockets;
    last if $writable !~ /[^\0]/ || time >= $until || select(undef, $writable, undef, 0.5) <= 0;
    for my $socket (grep { vec($writable, fileno $_->{handle}, 1) } values %sockets) {
      my $put = syswrite($socket->{handle}, $socket->{waiting});
      substr($socket->{waiting}, 0, $put // length $socket->{waiting}, '');
    }
  }
  exit 0;
}

# The files of the container, whose links lead where they lead for it, and the user. It keeps no more than it takes to do
# there what the container's own root may, and of a user's nothing.
sub lessen {
  # This would be its own.
  failed(3) if $files && $$ == 1;
  # CAP_NET_BIND_SERVICE, and CAP_DAC_OVERRIDE, if the container has it
  my $most = 1 << 10;
  $most |= capabilities(1, 'CapBnd') & 1 << 1 if $files;
  my $kept = $user ? 0 : capabilities('self', 'CapPrm') & $most;
  chroot('/proc/1/root') && chdir('/') or failed($! + 0) if $files;
  become() if defined $user;
  my ($head, $data) = (pack('I i', 0x20080522, 0), pack('I6', $kept, $kept, 0, 0, 0, 0));
  call('capset', \$head, \$data) == 0 or failed($! + 0);
  hide();
}
sub become {
  my @groups = split /,/, $groups;
  my $list = pack('I*', @groups);
  call('setgroups', scalar @groups, \$list) == 0 && call('setresgid', $group, $group, $group) == 0
    && call('setresuid', $user, $user, $user) == 0 or failed($! + 0);
}
sub capabilities {
  my ($who, $which) = @_;
  open(my $status, '<', "/proc/$who/status") or failed($! + 0);
  my ($found) = map { /^$which:\s+(\w+)/ } <$status>;
  hex($found // 0);
}
sub failed { refuse(0, $_[0]); flush_out(); exit 0 }
