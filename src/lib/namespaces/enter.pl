# The way into namespaces, as a program for the host's perl, which alone of what every host has can make the system
# calls that it takes: once it is loaded it needs no file any more, so that nothing of the host's is run, or found,
# inside. Behind it come streams.pl, mount-tools.pl and supervise.pl, which share its variables; before it perl-calls.pl.
#
# One process (the supervisor) stays on the host; a child of it becomes the command. The supervisor's descriptor 3 is a socket
# that we hold: orders come in by it (`kill TERM`, `size 24 80`), words go out (`started`, `failed`, `exit`, `signal`),
# and when it ends, however we ended, the supervisor ends all of the command's session. What is to be done stands in
# descriptor 4, in fields that end with a zero byte: see request.ts. It is waited for.

use strict;
open(my $link, '+<&=', 3) or die; open(my $order, '<&=', 4) or die;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM QUIT PIPE);
# Out of the control groups that may be killed whole: see waysOutOfCgroups().
for (@ARGV) { open(my $group, '+<', $_) or next; syswrite $group, 0 }
my @words = do { local $/; split /\0/, <$order>, -1 }; close $order;
# Whole, or whoever would have given it is gone: its number of fields is in front, and an empty one behind.
exit 0 unless @words > 1 && @words == 2 + shift @words;
sub field { my $word = shift @words; defined $word ? $word : '' }
sub fields { my $count = field(); map { field() } 1 .. $count }
machine(field());
sub report { syswrite($link, join(' ', @_) . "\n") }
my $failed = sub { report('failed', @_, $! + 0); exit 0 };
sub must { my ($what, $done) = @_; $failed->($what) unless $done }

# Not to be looked into or written to by the way of /proc, from here until the command begins.
call('prctl', 4, 0, 0, 0, 0);
my ($pid, $start, $own, $source) = (field(), field(), field(), field());
# Nor does anything come along that somebody had open who started us: a folder of the host's would lead out.
only(0 .. 3, $source);
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
my $brought;
if ($own ne '') {
  my $fd = call('open_tree', -100, \"$own\0", 1 | 0x80000);
  must("folder $own", $fd >= 0);
  open($brought, '<&=', $fd);
}

my ($tty, $rows, $columns) = (field(), field(), field());
my ($master, $slave);
my @ways;
# The command's, where they are not ours handed on; and which of them are nothing.
my (@theirs, @null);
must('terminal', terminals()) if $tty;
must('pipes', $tty || streams());

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
$said ||= join(' ', 'failed', 'start', 0) unless $child;
if ($said ne '') { waitpid($child, 0) if $child; chomp $said; report($said); exit 0 }
my $pidfd = call('pidfd_open', $child, 0);
report('started', $child);
lay_down();
keep();

sub put { my ($file, $text) = @_; open(my $out, '>', $file) or return 0; my $done = syswrite($out, $text); close $out; $done }
sub only {
  my %kept = map { $_ => 1 } @_;
  opendir(my $dir, '/proc/self/fd') or $failed->('descriptors');
  my @open = grep { /^\d+$/ && !$kept{$_} } readdir $dir;
  closedir $dir;
  call('close', $_) for @open;
}
sub command {
  # Before anybody inside can see a process of ours, it has nothing of the host's.
  take_up();
  my ($oom, $label) = (field(), field());
  put('/proc/self/oom_score_adj', $oom) if $oom ne '';
  must('label', put('/proc/self/attr/exec', "exec $label")) if $label ne '';
  for (fields()) { my ($which, $soft, $hard) = split ' '; my $limit = pack('QQ', $soft, $hard); call('prlimit', 0, $which, \$limit, 0) }
  # With users of its own: its root can give the streams on only if they are its root's, by the host's number.
  chown first_user(), -1, made() if $spaces{user};
  for my $kind (qw(user cgroup ipc uts net mnt)) {
    must("namespace $kind", call('setns', fileno $spaces{$kind}, $flags{$kind}) == 0) if $spaces{$kind};
  }
  if ($spaces{user}) { call('setresgid', 0, 0, 0); call('setresuid', 0, 0, 0) }
  chdir '/';
  toolbox(fields());
  my ($uid, $gid, @groups) = (field() + 0, field() + 0, map { $_ + 0 } fields());
  my ($bounding, $inheritable, $nnp, $umask, $cwd) = (hex field(), hex field(), field(), field(), field());
  # As the engine's runtime does: root may enter a folder that the user may not.
  my $there = chdir $cwd;
  # So that it can open them again by their names.
  chown $uid, -1, made();
  must('namespace pid', call('setns', fileno $spaces{pid}, $flags{pid}) == 0) if $spaces{pid};
  close $_ for values %spaces;
  for my $cap (0 .. 63) { call('prctl', 24, $cap, 0, 0, 0) unless ($bounding >> $cap) & 1 }
  call('prctl', 47, 4, 0, 0, 0);
  my $caps = sub { my ($all) = @_; my $head = pack('Ii', 0x20080522, 0);
    my $data = pack('I6', map { my $s = $_; map { ($_ >> $s) & 0xffffffff } $all, $all, $inheritable } 0, 32);
    call('capset', \$head, \$data) == 0 };
  # What it takes to become somebody is given up with that.
  must('capabilities', $caps->($bounding | 0xc0));
  my $born = call('clone', 0x8000 | 17, 0, 0, 0, 0);
  must('fork', $born >= 0);
  if ($born) { syswrite($write, "pid $born\n"); exit 0 }
  # In its control groups by then.
  exit 126 unless sysread($wait, my $word, 1);
  must('session', call('setsid') >= 0);
  must('terminal', ioctl(STDIN, 0x540E, 0)) if $tty;
  umask oct $umask if $umask ne '';
  my $groups = pack('I*', @groups);
  must('groups', call('setgroups', scalar @groups, \$groups) == 0 && call('setresgid', $gid, $gid, $gid) == 0);
  must('user', call('setresuid', $uid, $uid, $uid) == 0);
  must('capabilities', $caps->($bounding)) if $uid == 0;
  must('no_new_privs', call('prctl', 38, 1, 0, 0, 0) == 0) if $nnp;
  nothings();
  # Again, for what is named after the process itself; if the user may not, it stays where root went.
  must('cwd', chdir($cwd) || $there);
  # A link of the kernel's could lead out of the root, where there is no name for it.
  my $here = "\0" x 4096;
  $! = 2; must('cwd', call('getcwd', \$here, 4096) > 0 && $here =~ m{^/});
  my @argv = fields();
  my @env = fields();
  # We end with the supervisor, if that should be killed; and take nothing along but the three streams.
  call('prctl', 1, 9, 0, 0, 0);
  call('close_range', 3, 0xffffffff, 4);
  $SIG{$_} = 'DEFAULT' for keys %SIG;
  become(\@argv, \@env);
  $failed->('exec');
}

# As the engine's runtime does it: the first program of that name in PATH, and none but the kernel's way to run it. Perl's
# own exec has a shell take what the kernel does not.
sub become {
  my ($argv, $env) = @_;
  my ($program) = @$argv;
  if ($program !~ m{/}) {
    my ($path) = map { /^PATH=(.*)/s ? $1 : () } @$env;
    my @there = grep { -f $_ } map { ($_ eq '' ? '.' : $_) . "/$program" } split /:/, $path // '/bin:/usr/bin', -1;
    ($program) = grep { -x $_ } @there;
    unless (defined $program && $argv->[0] ne '') { $! = @there && $argv->[0] ne '' ? 13 : 2; return }
  }
  my ($file, $words, $vars) = ("$program\0", map { pack('p*', @$_) . pack('Q', 0) } $argv, $env);
  call('execve', \$file, \$words, \$vars);
}

sub first_user {
  open(my $map, '<', "/proc/$pid/uid_map") or return -1;
  while (<$map>) { my ($inside, $outside) = split ' '; return $outside if $inside == 0 }
  -1;
}
