import { keeping } from './script-keeper'
import { layingTools } from './script-tools'

/**
 * The way into namespaces, as a program for the host's perl, which alone of what every host has can make the system
 * calls that it takes: once it is loaded it needs no file any more, so that nothing of the host's is run, or found,
 * inside.
 *
 * One process (the keeper) stays on the host; a child of it becomes the command. The keeper's descriptor 3 is a socket
 * that we hold: orders come in by it (`kill TERM`, `size 24 80`), words go out (`started`, `failed`, `exit`, `signal`),
 * and when it ends, however we ended, the keeper ends all of the command's session. What is to be done stands in
 * descriptor 4, in fields that end with a zero byte: see `order.ts`. It is waited for.
 */
const wayIn = String.raw`
use strict;
my %calls = (
  x64 => {setns=>308, prctl=>157, capset=>126, unshare=>272, mount=>165, close_range=>436, setresuid=>117,
    setresgid=>119, setgroups=>116, prlimit=>302, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>112,
    getcwd=>79, statfs=>137, clone=>56, exit_group=>231},
  arm64 => {setns=>268, prctl=>167, capset=>91, unshare=>97, mount=>40, close_range=>436, setresuid=>147,
    setresgid=>149, setgroups=>159, prlimit=>261, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>157,
    getcwd=>17, statfs=>43, clone=>220, exit_group=>94},
);
open(my $link, '+<&=', 3) or die; open(my $order, '<&=', 4) or die;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM QUIT PIPE);
my @words = do { local $/; split /\0/, <$order>, -1 }; close $order;
# Whole, or whoever would have given it is gone: its number of fields is in front, and an empty one behind.
exit 0 unless @words > 1 && @words == 2 + shift @words;
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

# A guide goes ahead, with all that it takes, and none of the target's processes sees it. In its stead it leaves the
# command-to-be among them, our child too, which has no more left than they may have: who could trace it gains nothing.
my @cgroups = fields();
pipe(my $read, my $write);
pipe(my $wait, my $go);
my $guide = fork();
must('fork', defined $guide);
if ($guide == 0) {
  close $read; close $link; close $go;
  $failed = sub { syswrite($write, join(' ', 'failed', @_, $! + 0) . "\n"); exit 126 };
  command();
}
close $write; close $wait; close $slave if $slave; %spaces = ();
my ($child) = (my $said = <$read> // '') =~ /^pid (\d+)$/;
if ($child) {
  my @refused = grep { !put($_, $child) } @cgroups;
  $said = @refused ? join(' ', 'failed', 'cgroup', $! + 0) : '';
  syswrite($go, "\n") unless @refused;
}
close $go;
$said ||= <$read> // '';
waitpid($guide, 0);
if ($said ne '') { waitpid($child, 0) if $child; chomp $said; report($said); exit 0 }
my $pidfd = call('pidfd_open', $child, 0);
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
  my ($oom, $label) = (field(), field());
  put('/proc/self/oom_score_adj', $oom) if $oom ne '';
  must('label', put('/proc/self/attr/exec', "exec $label")) if $label ne '';
  for (fields()) { my ($which, $soft, $hard) = split ' '; my $limit = pack('QQ', $soft, $hard); call('prlimit', 0, $which + 0, $limit, 0) }
  # With users of its own: its root can give the terminal on only if it is its root's, by the host's number.
  chown first_user(), -1, $slave if $tty && $spaces{user};
  for my $kind (qw(user cgroup ipc uts net mnt)) {
    must("namespace $kind", call('setns', fileno $spaces{$kind}, $flags{$kind}) == 0) if $spaces{$kind};
  }
  if ($spaces{user}) { call('setresgid', 0, 0, 0); call('setresuid', 0, 0, 0) }
  chdir '/';
  toolbox(fields());
  my ($uid, $gid, @groups) = (field() + 0, field() + 0, map { $_ + 0 } fields());
  my ($bounding, $inheritable, $nnp, $umask, $cwd) = (hex field(), hex field(), field(), field(), field());
  chown $uid, -1, $slave if $tty;
  must('namespace pid', call('setns', fileno $spaces{pid}, $flags{pid}) == 0) if $spaces{pid};
  close $_ for values %spaces;
  for my $cap (0 .. 63) { call('prctl', 24, $cap, 0, 0, 0) unless ($bounding >> $cap) & 1 }
  call('prctl', 47, 4, 0, 0, 0);
  my $caps = sub { my ($all) = @_; my $head = pack('Ii', 0x20080522, 0);
    my $data = pack('I6', map { my $s = $_; map { ($_ >> $s) & 0xffffffff } $all, $all, $inheritable } 0, 32);
    call('capset', $head, $data) == 0 };
  # What it takes to become somebody is given up with that.
  must('capabilities', $caps->($bounding | 0xc0));
  my $born = call('clone', 0x8000 | 17, 0, 0, 0, 0);
  must('fork', $born >= 0);
  if ($born) { syswrite($write, "pid $born\n"); exit 0 }
  # In its control groups by then.
  exit 126 unless sysread($wait, my $word, 1);
  must('session', call('setsid') >= 0);
  if ($tty) {
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

sub first_user {
  open(my $map, '<', "/proc/$pid/uid_map") or return -1;
  while (<$map>) { my ($inside, $outside) = split ' '; return $outside if $inside == 0 }
  -1;
}

`

/** The whole program; its parts share their variables. */
export const wayScript = wayIn + layingTools + keeping
