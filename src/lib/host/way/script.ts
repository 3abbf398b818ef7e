/**
 * The way into namespaces, as a program for the host's perl, which alone of what every host has can make the system
 * calls that it takes: once it is loaded it needs no file any more, so that nothing of the host's is run, or found,
 * inside.
 *
 * One process (the keeper) stays on the host; its child becomes the command. The keeper's descriptor 3 is a socket
 * that we hold: orders come in by it (`kill TERM`, `size 24 80`), words go out (`started`, `failed`, `exit`, `signal`),
 * and when it ends, however we ended, the keeper ends all of the command's session. What is to be done stands in
 * descriptor 4, in fields that end with a zero byte: see `order.ts`.
 */
export const wayScript = String.raw`
use strict;
my %calls = (
  x64 => {setns=>308, prctl=>157, capset=>126, unshare=>272, mount=>165, close_range=>436, setresuid=>117,
    setresgid=>119, setgroups=>116, prlimit=>302, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>112},
  arm64 => {setns=>268, prctl=>167, capset=>91, unshare=>97, mount=>40, close_range=>436, setresuid=>147,
    setresgid=>149, setgroups=>159, prlimit=>261, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>157},
);
open(my $link, '+<&=', 3) or die; open(my $order, '<&=', 4) or die;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM QUIT PIPE);
my @words = do { local $/; split /\0/, <$order>, -1 }; close $order;
sub field { my $word = shift @words; defined $word ? $word : '' }
sub fields { my $count = field(); map { field() } 1 .. $count }
my $numbers = $calls{field()};
sub call { my $name = shift; syscall($numbers->{$name}, @_) }
sub report { syswrite($link, join(' ', @_) . "\n") }
my $failed = sub { report('failed', @_, $! + 0); exit 0 };
sub must { my ($what, $done) = @_; $failed->($what) unless $done }

# Not to be looked into or written to by the way of /proc, from here until the command begins.
call('prctl', 4, 0, 0, 0, 0);
my ($pid, $start) = (field(), field());
my %flags = (user=>0x10000000, cgroup=>0x02000000, ipc=>0x08000000, uts=>0x04000000, net=>0x40000000, pid=>0x20000000,
  mnt=>0x00020000);
my %spaces;
for my $kind (keys %flags) {
  next if (readlink("/proc/$pid/ns/$kind") // '') eq (readlink("/proc/self/ns/$kind") // '');
  must("namespace $kind", open($spaces{$kind}, '<', "/proc/$pid/ns/$kind"));
}
# Held now. If the process is still the one that was meant, so are they, whatever becomes of its number.
my $stat = do { open(my $file, '<', "/proc/$pid/stat") or $failed->('gone'); <$file> };
$failed->('gone') unless (split ' ', substr($stat, rindex($stat, ')') + 2))[19] eq $start;

# A folder of the user's own, as a mount that is nowhere yet.
my ($own, $brought) = field();
if ($own ne '') {
  my $fd = call('open_tree', -100, $own, 1 | 0x80000);
  must("folder $own", $fd >= 0);
  open($brought, '<&=', $fd);
}

my ($tty, $rows, $columns) = (field(), field(), field());
my ($master, $slave);
sub resize { my $size = pack('S4', @_, 0, 0); ioctl($master, 0x5414, $size) if $tty && $_[0] }
sub terminal {
  sysopen($master, '/dev/ptmx', 2 | 0x100 | 0x800) or return 0;
  return 0 unless (stat $master)[6] == ((5 << 8) | 2);
  my $unlocked = pack('i', 0);
  ioctl($master, 0x40045431, $unlocked) or return 0;
  my $fd = ioctl($master, 0x5441, 2 | 0x100) or return 0;
  open($slave, '+<&=', $fd + 0);
}
if ($tty) {
  open(my $here, '<', '/proc/self/ns/mnt') or $failed->('terminal');
  my $there = $spaces{mnt} && call('setns', fileno $spaces{mnt}, $flags{mnt}) == 0;
  my $made = terminal();
  if ($there) { must('terminal', call('setns', fileno $here, $flags{mnt}) == 0) }
  must('terminal', $made || terminal());
  resize($rows, $columns);
}

# Pipes of ours become the command's own. A terminal never does, nor a socket, which /dev/stdout could not open again:
# between those and the command the keeper copies.
my @ways;
my @theirs = (*STDIN, *STDOUT, *STDERR);
sub way { my ($from, $to, %more) = @_; push @ways, {from => $from, to => $to, held => '', %more} }
if ($tty) {
  way(\*STDIN, $master, hangup => $tty eq 'ours', last => "\x04\x04");
  way($master, \*STDOUT, main => 1);
} else {
  for my $fd (0 .. 2) {
    my $ours = (\*STDIN, \*STDOUT, \*STDERR)[$fd];
    next unless -S $ours;
    pipe(my $out, my $in);
    $theirs[$fd] = $fd ? $in : $out;
    $fd ? way($out, $ours, send => 1) : way($ours, $in);
  }
}
# One of ours of its own: a pipe's end, or the terminal's far side. Others share the rest.
for (map { $_->{to} } grep { !$_->{send} && $_->{to} != \*STDOUT } @ways) { fcntl($_, 4, 1 | 0x800) unless $tty }

must('namespace pid', call('setns', fileno $spaces{pid}, $flags{pid}) == 0) if $spaces{pid};
pipe(my $read, my $write);
my $child = fork();
must('fork', defined $child);
if ($child == 0) {
  close $read; close $link;
  $failed = sub { syswrite($write, join(' ', @_, $! + 0)); exit 126 };
  command();
}
close $write; close $slave if $slave; %spaces = ();
my $pidfd = call('pidfd_open', $child, 0);
my $why = do { local $/; <$read> } // '';
if ($why ne '') { waitpid($child, 0); report('failed', $why); exit 0 }
report('started', $child);
unless ($tty) {
  # Readers and writers at the other ends are not to wait for us.
  for my $fd (0 .. 2) {
    my $ours = (\*STDIN, \*STDOUT, \*STDERR)[$fd];
    if (-S $ours) { close $theirs[$fd] } else { open($ours, $fd ? '>' : '<', '/dev/null') }
  }
}
keep();

sub put { my ($file, $text) = @_; open(my $out, '>', $file) or return 0; my $done = syswrite($out, $text); close $out; $done }
sub command {
  must('session', call('setsid') >= 0);
  put($_, '0') or $failed->('cgroup') for fields();
  my ($oom, $label) = (field(), field());
  put('/proc/self/oom_score_adj', $oom) if $oom ne '';
  must('label', put('/proc/self/attr/exec', "exec $label")) if $label ne '';
  for (fields()) { my ($which, $soft, $hard) = split ' '; my $limit = pack('QQ', $soft, $hard); call('prlimit', 0, $which + 0, $limit, 0) }
  for my $kind (qw(user cgroup ipc uts net mnt)) {
    must("namespace $kind", call('setns', fileno $spaces{$kind}, $flags{$kind}) == 0) if $spaces{$kind};
  }
  if ($spaces{user}) { call('setresgid', 0, 0, 0); call('setresuid', 0, 0, 0) }
  close $_ for values %spaces;
  chdir '/';
  toolbox(fields());
  my ($uid, $gid, @groups) = (field() + 0, field() + 0, map { $_ + 0 } fields());
  my ($bounding, $inheritable, $nnp, $umask, $cwd) = (hex field(), hex field(), field(), field(), field());
  if ($tty) {
    chown $uid, -1, $slave;
    must('terminal', ioctl($slave, 0x540E, 0));
    open(STDIN, '<&', $slave); open(STDOUT, '>&', $slave); open(STDERR, '>&', $slave);
    close $slave; close $master;
  } else {
    open(STDIN, '<&', $theirs[0]) if -S STDIN; open(STDOUT, '>&', $theirs[1]) if -S STDOUT;
    open(STDERR, '>&', $theirs[2]) if -S STDERR;
  }
  umask oct $umask if $umask ne '';
  my $groups = pack('I*', @groups);
  must('groups', call('setgroups', scalar @groups, $groups) == 0 && call('setresgid', $gid, $gid, $gid) == 0);
  for my $cap (0 .. 63) { call('prctl', 24, $cap, 0, 0, 0) unless ($bounding >> $cap) & 1 }
  call('prctl', 47, 4, 0, 0, 0);
  my $caps = sub { my ($all) = @_; my $head = pack('Ii', 0x20080522, 0);
    my $data = pack('I6', map { my $s = $_; map { ($_ >> $s) & 0xffffffff } $all, $all, $inheritable } 0, 32);
    call('capset', $head, $data) == 0 };
  must('capabilities', $caps->($bounding | 0xc0)) if $uid != 0;
  must('user', call('setresuid', $uid, $uid, $uid) == 0);
  must('capabilities', $caps->($bounding)) if $uid == 0;
  must('no_new_privs', call('prctl', 38, 1, 0, 0, 0) == 0) if $nnp;
  must('cwd', chdir $cwd);
  my @argv = fields();
  %ENV = (); for (fields()) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
  # We end with the keeper, if that should be killed; and take nothing along but the three streams.
  call('prctl', 1, 9, 0, 0, 0);
  call('close_range', 3, 0xffffffff, 4);
  $SIG{$_} = 'DEFAULT' for keys %SIG;
  exec { $argv[0] } @argv;
  $failed->('exec');
}

# Tools, in a private copy of the mount namespace: nobody else sees the mounts, and they are gone with the last of us.
sub toolbox {
  my ($source, $marker, @places) = @_;
  return unless defined $source;
  my @applets = fields();
  must('private mounts', call('unshare', 0x00020000) == 0);
  my ($none, $root, $tmpfs, $options) = ("none\0", "/\0", "tmpfs\0", "mode=755,size=64m\0");
  must('private mounts', call('mount', $none, $root, $none, 0x80000 | 0x4000, 0) == 0);
  my ($place) = grep { empty($_) } @places;
  must('place for the tools', defined $place);
  my $path = "$place\0";
  must('tools', call('mount', $tmpfs, $path, $tmpfs, 2 | 4, $options) == 0);
  open(my $from, '<&=', $source); open(my $to, '>', "$place/busybox") or $failed->('tools');
  binmode $from; binmode $to;
  { local $/ = \65536; print $to $_ while <$from> }
  close $to; close $from;
  chmod 0755, "$place/busybox";
  symlink 'busybox', "$place/$_" for @applets;
  if ($brought) {
    mkdir "$place/own";
    my ($nothing, $own) = ("\0", "$place/own\0");
    must('own tools', call('move_mount', fileno $brought, $nothing, -100, $own, 4) == 0);
    must('own tools', call('mount', $none, $own, $none, 0x20 | 0x1000 | 1 | 2 | 4, 0) == 0);
    close $brought;
  }
  # Read-only: the file system itself, so that no other mount of it could be written either.
  must('tools', call('mount', $none, $path, $none, 0x20 | 1 | 2 | 4, 0) == 0);
  s/\Q$marker\E/$place/g for @words;
}

sub empty {
  opendir(my $dir, $_[0]) or return 0;
  !grep { !/^\.\.?$/ } readdir $dir;
}

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
      exit 0;
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
  if ($way->{last}) { $way->{held} = $way->{last} } elsif (!$way->{send}) { close $way->{to} }
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
  for my $way (grep { $_->{send} || $_->{main} } @ways) {
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
    my @found;
    opendir(my $dir, '/proc') or return;
    for my $entry (grep { /^\d+$/ } readdir $dir) {
      open(my $file, '<', "/proc/$entry/stat") or next; my $line = <$file> // '';
      my ($state, undef, undef, $session) = split ' ', substr($line, rindex($line, ')') + 2);
      push @found, $entry if $state !~ /[ZX]/ && $session == $child;
    }
    kill $_[0], @found; scalar @found;
  };
  $each->('HUP'); $each->('CONT');
  for (1 .. 12) { waitpid($child, 1); last unless $each->(0); select(undef, undef, undef, 0.05) }
  $each->('KILL');
  exit 0;
}
`
