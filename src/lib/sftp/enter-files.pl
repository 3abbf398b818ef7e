# Serves files by SFTP, version 3, on its stdin and stdout: those of a container, or ours. For the host's perl, as
# sockets/maker.pl: nothing is loaded once it is inside, nothing of the container's is run, and no name is looked up by its
# rules. Behind it comes serve.pl; before it perl-calls.pl.
#
# Words: the machine; the PID of the container's first process and its start time, both empty for files of ours; the
# numbers of the user, the group and the other groups (by commas); the capabilities that root keeps; the folder to begin in;
# and the ways out of the control groups that may be killed whole (waysOutOfCgroups()), for what is begun is to be cleared
# up.

use strict;
$SIG{$_} = 'IGNORE' for qw(HUP INT TERM QUIT PIPE);
$0 = 'docker-bash-files';
machine(shift @ARGV);
my ($pid, $start, $uid, $gid, $groups, $caps, $begin, @ways) = @ARGV;
for (@ways) { open(my $group, '+<', $_) or next; syswrite $group, 0 }
# Nobody looks into it, nor takes what it holds.
sub hide { call('prctl', 4, 0, 0, 0, 0) }
hide();
# What it says of itself, before the first packet: one line.
sub said { my $line = "$_[0]\n"; syswrite(STDOUT, $line); }
sub refuse { said("failed $_[0] " . ($! + 0)); exit 0 }
# Nor does anything come along that somebody had open who started us: a folder of the host's would lead out.
{
  opendir(my $dir, '/proc/self/fd') or refuse('descriptors');
  my @open = grep { /^\d+$/ && $_ > 3 } readdir $dir;
  closedir $dir;
  call('close', $_) for @open;
}
# To another one of these, if it is joined to one; one end of it was Node's, which does not wait for a socket.
my $door;
open($door, '+<&=', 3) && fcntl $door, 4, 2;
# An error's text, once, before its files would be the container's.
{ local $! = 2; my $text = "$!" }
enter() if $pid ne '';
# As whoever it is by now; where that may not be entered it is the root.
chdir $begin if $begin ne '';
umask 0;
said('ready');

sub enter {
  my %spaces;
  for my $kind (qw(user mnt)) {
    next if (readlink("/proc/$pid/ns/$kind") // '') eq (readlink("/proc/self/ns/$kind") // '');
    open($spaces{$kind}, '<', "/proc/$pid/ns/$kind") or refuse($kind);
  }
  # Held now. If the process is still the one that was meant, so are they, whatever becomes of its number.
  my $stat = do { open(my $file, '<', "/proc/$pid/stat") or refuse('gone'); <$file> };
  refuse('gone') unless (split ' ', substr($stat, rindex($stat, ')') + 2))[19] eq $start;
  # Without files of its own there is no container.
  $! = 0;
  refuse('mnt') unless $spaces{mnt};
  for my $kind (grep { $spaces{$_} } qw(user mnt)) {
    call('setns', fileno $spaces{$kind}, $kind eq 'user' ? 0x10000000 : 0x00020000) == 0 or refuse($kind);
  }
  chdir '/' or refuse('root');
  call('setresgid', 0, 0, 0), call('setresuid', 0, 0, 0) if $spaces{user};
  close $_ for values %spaces;
  # The user, as the engine's exec would have it, with no more than it takes to read and write files.
  my $list = pack('I*', split /,/, $groups);
  call('setgroups', length($list) / 4, \$list) == 0 && call('setresgid', $gid, $gid, $gid) == 0 or refuse('groups');
  call('prctl', 47, 4, 0, 0, 0);
  call('setresuid', $uid, $uid, $uid) == 0 or refuse('user');
  my $all = $uid == 0 ? hex $caps : 0;
  my $head = pack('Ii', 0x20080522, 0);
  my $data = pack('I6', map { my $s = $_; map { ($_ >> $s) & 0xffffffff } $all, $all, 0 } 0, 32);
  call('capset', \$head, \$data) == 0 or refuse('capabilities');
  call('prctl', 38, 1, 0, 0, 0);
  # A change of user makes it visible again where the host says so.
  hide();
}
