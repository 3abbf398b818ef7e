# Serves files by SFTP as enter-files.pl does, for a perl that has no library of modules: in a container beside the one
# whose files are meant. The first process of its PID namespace is that one's, and links lead where they lead for it.
# Nothing is loaded once it is inside, and nothing of that container is run. Behind it comes serve.pl; before it
# perl-calls.pl.
#
# Words: the machine; the numbers of the user, the group and the other groups (by commas), which are the same here; the
# capabilities that root keeps; and the folder to begin in.

$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT PIPE);
$0 = 'docker-bash-files';
machine(shift @ARGV);
my ($uid, $gid, $groups, $caps, $begin) = @ARGV;
# Nobody beside it looks into it, nor takes what it holds.
sub hide { call('prctl', 4, 0, 0, 0, 0) }
hide();
# What it says of itself, before the first packet: one line.
sub said { my $line = "$_[0]\n"; syswrite(STDOUT, $line) }
sub refuse { said("failed $_[0] " . ($! + 0)); exit 0 }
# An error's text and the time zone, once, before its files would be the container's.
{ local $! = 2; my @read = ("$!", gmtime 0) }
# A mebibyte at a time where the system allows it, and not 64 KiB: a fifth less time for what comes in.
fcntl($_, 1031, 1048576) for *STDIN, *STDOUT;
# This would be its own.
$! = 3, refuse('process') if $$ == 1;
enter();
# As whoever it is by now; where that may not be entered it is the root.
chdir $begin if $begin ne '';
umask 0;
said('ready');

sub enter {
  # No more than the container's own root may; of a user's nothing.
  my $kept = $uid == 0 ? hex($caps) & bounds() : 0;
  chroot '/proc/1/root' and chdir '/' or refuse('root');
  my $list = pack('I*', split /,/, $groups);
  call('setgroups', length($list) / 4, \$list) == 0 && call('setresgid', $gid, $gid, $gid) == 0 or refuse('groups');
  call('setresuid', $uid, $uid, $uid) == 0 or refuse('user');
  my $head = pack('I i', 0x20080522, 0);
  my $data = pack('I6', $kept & 0xffffffff, $kept & 0xffffffff, 0, $kept >> 32, $kept >> 32, 0);
  call('capset', \$head, \$data) == 0 or refuse('capabilities');
  # A change of user makes it visible again where the host says so.
  hide();
}
# What the first process may ever have.
sub bounds {
  open(my $status, '<', '/proc/1/status') or refuse('process');
  my ($found) = map { /^CapBnd:\s+(\w+)/ } <$status>;
  hex($found // 0);
}
