# Makes sockets inside a container's network namespace and hands them out. A socket stays in the namespace that it was
# made in, so no byte of a connection passes this program.
#
# For the host's perl, as namespaces/enter.pl: it loads nothing once it is inside. Its descriptor 3 is Node's own
# channel to a child: orders come as lines of JSON text, a socket goes out with its number in Node's own words
# (SCM_RIGHTS), so that Node takes it for one that it opened itself.
#
# Words: the machine, the PID of the container's first process, its start time, whether paths of its files are meant, the
# user, the group and the other groups (by commas; the container's numbers) as whom Unix sockets are made and connected,
# and the ways out of the control groups that may be killed whole (waysOutOfCgroups()): the files of listeners are to go.

use strict;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM QUIT PIPE);
$0 = 'docker-bash-sockets';
machine(shift @ARGV);
my ($pid, $start, $files, $user, $group, $groups, @ways) = @ARGV;
for (@ways) { open(my $group, '+<', $_) or next; syswrite $group, 0 }
sub report { my $line = "$_[0]\n"; while (length $line) { my $done = syswrite(CHANNEL, $line) or leave(); substr($line, 0, $done) = '' } }
open(CHANNEL, '+<&=', 3) or die;
sub fail { report(sprintf('{"failed":"%s","errno":%d}', $_[0], $! + 0)); exit 0 }
# Nobody looks into it, nor takes what it holds.
sub hide { call('prctl', 4, 0, 0, 0, 0) }
hide();
my %spaces;
for my $kind ('net', $files ? 'mnt' : ()) { open($spaces{$kind}, '<', "/proc/$pid/ns/$kind") or fail($kind) }
# By their numbers here.
sub unknown { $! = 22; fail('user') }
$user = outside('uid_map', $user) // unknown();
$group = outside('gid_map', $group) // unknown();
my @groups = grep { defined } map { outside('gid_map', $_) } split /,/, $groups;
sub outside {
  my ($file, $number) = @_;
  open(my $map, '<', "/proc/$pid/$file") or fail('gone');
  for (<$map>) { my ($in, $out, $many) = split ' '; return $out + $number - $in if $number >= $in && $number < $in + $many }
  undef;
}
sub capabilities {
  my ($who, $which) = @_;
  open(my $status, '<', "/proc/$who/status") or fail('gone');
  my ($found) = map { /^$which:\s+(\w+)/ } <$status>;
  hex($found // 0);
}
# Root's in the container is no more than its own root may.
my $own = capabilities('self', 'CapPrm');
my $most = $own & capabilities($pid, 'CapBnd');
my $held = call('pidfd_open', $pid + 0, 0);
# Held now. If the process is still the one that was meant, so are they, whatever becomes of its number.
my $stat = do { open(my $file, '<', "/proc/$pid/stat") or fail('gone'); <$file> };
fail('gone') unless (split ' ', substr($stat, rindex($stat, ')') + 2))[19] eq $start;
for my $kind (keys %spaces) {
  call('setns', fileno $spaces{$kind}, $kind eq 'net' ? 0x40000000 : 0x00020000) == 0 or fail($kind);
}
chdir '/' if $files;
close $_ for values %spaces;
{ my $list = pack('I*', @groups); call('setgroups', scalar @groups, \$list) == 0 or fail('user') }
report('{"ready":true}');

# What is on its way: the socket and its number, by its descriptor.
my %going;
# The files of listeners, and folders that were made for them: device and inode, by path.
my (%bound, %made);
my $said = '';
for (;;) {
  my ($readable, $writable) = ('', '');
  vec($readable, 3, 1) = 1;
  vec($readable, $held, 1) = 1 if $held >= 0;
  vec($writable, $_, 1) = 1 for keys %going;
  next if select($readable, $writable, undef, undef) < 0;
  if ($held >= 0 && vec($readable, $held, 1)) { report('{"over":true}'); call('close', $held); $held = -1 }
  if (vec($readable, 3, 1)) {
    sysread(CHANNEL, $said, 65536, length $said) or leave();
    while ($said =~ s/^([^\n]*)\n//) { my $line = $1; order(split ' ', $1) if $line =~ /^"([^"\\]+)"$/ }
  }
  for (grep { vec($writable, $_, 1) } keys %going) {
    my ($socket, $number) = @{delete $going{$_}};
    $! = unpack('i', getsockopt($socket, 1, 4));
    $! ? refuse($number) : hand($number, fileno $socket);
  }
}

sub done { report(sprintf('{"number":%d,"done":true}', $_[0])) }
sub refuse { report(sprintf('{"number":%d,"errno":%d}', $_[0], $! + 0)) }

# A listener's file goes with it, if it is still the same.
sub leave { drop($_) for keys %bound, keys %made; exit 0 }
sub drop {
  my ($path) = @_;
  my ($file, $folder) = (delete $bound{$path}, delete $made{$path});
  as_user(sub {
    my $is = identity($path) // return;
    unlink $path if $is eq ($file // '');
    rmdir $path if $is eq ($folder // '');
  });
}
sub identity { my @is = lstat $_[0]; @is ? "$is[0]:$is[1]" : undef }
# What is made is the user's from birth, and a path leads where it leads for the user: to change it later would follow a
# link that was put there. Whoever is connected to sees the user (SO_PEERCRED), too. Real and saved it stays root: no
# process of the user's may signal or trace it meanwhile, and it may come back.
sub as_user {
  my ($work) = @_;
  my $is_user = call('setresgid', -1, $group, -1) == 0 && call('setresuid', -1, $user, -1) == 0;
  # A change of user may make it visible again.
  hide();
  $is_user &&= effective($most) if $user == 0;
  my $result = $is_user && $work->();
  my $why = $! + 0;
  call('setresuid', -1, 0, -1) == 0 && call('setresgid', -1, 0, -1) == 0 && effective($own) or exit 0;
  hide();
  $! = $why;
  $result;
}
sub effective {
  my $head = pack('Ii', 0x20080522, 0);
  my $data = pack('I6', map { my $s = $_; map { ($_ >> $s) & 0xffffffff } $_[0], $own, 0 } 0, 32);
  call('capset', \$head, \$data) == 0;
}

# A kernel's sockaddr: an address in network order, or the bytes of a path; an abstract one begins with a zero byte.
sub address {
  my ($family, $bytes, $port) = ($_[0], pack('H*', $_[1]), $_[2]);
  return (2, pack('S n a4 x8', 2, $port, $bytes)) if $family eq 'ipv4';
  return (10, pack('S n N a16 L', 10, $port, 0, $bytes, 0)) if $family eq 'ipv6';
  return (1, pack('S a* x', 1, $bytes)) if $bytes !~ /^\0/;
  (1, pack('S a*', 1, $bytes));
}

sub order {
  my ($verb, $number, @where) = @_;
  my ($family, $address) = address(@where);
  my $path = $family == 1 ? pack('H*', $where[1]) : '';
  if ($verb eq 'drop') { drop($path); return done($number) }
  if ($verb eq 'folder') {
    as_user(sub { mkdir $path, 0700 }) or return refuse($number);
    $made{$path} = identity($path);
    return done($number);
  }
  my $datagrams = $verb eq 'send' || $verb eq 'receive';
  # SOCK_DGRAM or SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC
  socket(my $socket, $family, ($datagrams ? 2 : 1) | 0x800 | 0x80000, 0) or return refuse($number);
  # Not connected: Node addresses each datagram, which the kernel refuses for a connected socket.
  if ($datagrams) {
    return refuse($number) unless $verb eq 'send' || bind($socket, $address);
    return hand($number, fileno $socket, 'dgram');
  }
  if ($verb eq 'listen') {
    setsockopt($socket, 1, 2, 1) if $family != 1;
    my $mask = umask 0177;
    my $work = sub { bind($socket, $address) };
    my $is_bound = $family == 1 ? as_user($work) : $work->();
    my $why = $! + 0;
    umask $mask;
    $! = $why;
    return refuse($number) unless $is_bound && listen($socket, 511);
    $bound{$path} = identity($path) if $family == 1 && $path !~ /^\0/;
    return hand($number, fileno $socket);
  }
  my $work = sub { connect($socket, $address) };
  return hand($number, fileno $socket) if $family == 1 ? as_user($work) : $work->();
  # EINPROGRESS
  return refuse($number) if $! != 115;
  $going{fileno $socket} = [$socket, $number];
}

# sendmsg(2) with one descriptor. What is pointed at has to live until the call is over.
sub hand {
  my ($number, $fd, $kind) = @_;
  my $line = sprintf('{"cmd":"NODE_HANDLE","type":"%s.Native","msg":{"number":%d}}', $kind // 'net', $number) . "\n";
  my $pieces = pack('P Q', $line, length $line);
  my $control = pack('Q i i i x4', 20, 1, 1, $fd);
  my $message = pack('Q Q P Q P Q Q', 0, 0, $pieces, 1, $control, length $control, 0);
  call('sendmsg', 3, \$message, 0) > 0 or refuse($number);
}
