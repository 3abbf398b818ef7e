# System calls for the programs that a perl runs for us: the one place where `syscall` is written.
#
# Perl's `syscall` takes what was ever used as text for an address, a number out of a pattern too. So here a number is
# made one, or refused, and bytes come by reference: `call('getcwd', \$path, 4096)`. What the kernel writes is in them
# afterwards. A program says first which machine it is on: `machine('x64')`, by Node's name for it.

my %machines = (
  x64 => {setns=>308, prctl=>157, capset=>126, unshare=>272, mount=>165, close_range=>436, setresuid=>117,
    setresgid=>119, setgroups=>116, prlimit=>302, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>112,
    getcwd=>79, statfs=>137, clone=>56, exit_group=>231, close=>3, memfd_create=>319, dup3=>292, sendfile=>40,
    execve=>59, sendmsg=>46, recvmsg=>47, fsync=>74, fchownat=>260, mknodat=>259, linkat=>265, utimensat=>280,
    syncfs=>306, renameat2=>316, copy_file_range=>326, fsetxattr=>190, fgetxattr=>193, flistxattr=>196,
    fstatfs=>138, sync_file_range=>277, openat=>257, read=>0, write=>1, statx=>332,
    fchown=>93, fchmod=>91},
  arm64 => {setns=>268, prctl=>167, capset=>91, unshare=>97, mount=>40, close_range=>436, setresuid=>147,
    setresgid=>149, setgroups=>159, prlimit=>261, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>157,
    getcwd=>17, statfs=>43, clone=>220, exit_group=>94, close=>57, memfd_create=>279, dup3=>24, sendfile=>71,
    execve=>221, sendmsg=>211, recvmsg=>212, fsync=>82, fchownat=>54, mknodat=>33, linkat=>37, utimensat=>88,
    syncfs=>267, renameat2=>276, copy_file_range=>285, fsetxattr=>7, fgetxattr=>10, flistxattr=>13,
    fstatfs=>44, sync_file_range=>84, openat=>56, read=>63, write=>64, statx=>291,
    fchown=>55, fchmod=>52},
);
my $numbers;
sub machine { $numbers = $machines{$_[0]} // die "no machine $_[0]\n" }
sub call {
  my ($name, @given) = @_;
  my $number = $numbers->{$name} // die "no call $name\n";
  my @passed = map { ref $_ ? $$_ : /\A-?\d+\z/ ? $_ + 0 : die "no number for $name\n" } map { $_ // '' } @given;
  my $result = syscall($number, @passed);
  for my $at (grep { ref $given[$_] } 0 .. $#given) {
    my $bytes = $given[$at];
    $$bytes = $passed[$at] if $$bytes ne $passed[$at];
  }
  $result;
}
# Calls that are made for each of many small files. A descriptor is a number here, and nothing is asked of a file that perl
# itself asks of one that it opens. An error is a negative number.
sub raw_open { my ($name, $flags, $mode) = @_; syscall($numbers->{openat}, -100, "$name\0", $flags | 0, $mode | 0) }
sub raw_close { syscall($numbers->{close}, $_[0] | 0) }
# At most so many bytes, into the second word.
sub raw_read {
  my ($fd, undef, $most) = @_;
  $_[1] = "\0" x $most;
  my $got = syscall($numbers->{read}, $fd | 0, $_[1], $most | 0);
  substr($_[1], $got < 0 ? 0 : $got) = '';
  $got;
}
sub raw_write {
  my ($fd, $at) = ($_[0] | 0, 0);
  while ($at < length $_[1]) {
    my $bytes = substr $_[1], $at;
    my $done = syscall($numbers->{write}, $fd, $bytes, length $bytes);
    return $done if $done < 0;
    $at += $done;
  }
  0;
}
sub raw_chown { syscall($numbers->{fchown}, $_[0] | 0, $_[1] | 0, $_[2] | 0) }
sub raw_chmod { syscall($numbers->{fchmod}, $_[0] | 0, $_[1] | 0) }
# Seconds of the last reading and writing.
sub raw_utime { my $times = pack('q4', $_[1], 0, $_[2], 0); syscall($numbers->{utimensat}, $_[0] | 0, 0, $times, 0) }
# statx(2), in the order of perl's stat; without the device.
sub raw_stat {
  my ($name, $is) = ("\0", "\0" x 256);
  syscall($numbers->{statx}, $_[0] | 0, $name, 0x1000, 0x7ff, $is) == 0 or return;
  my ($links, $uid, $gid, $mode, $inode, $size, $blocks, $read, $written) = unpack 'x16 L3 S x2 Q3 x8 q x40 q', $is;
  (undef, $inode, $mode, $links, $uid, $gid, 0, $size, $read, $written, 0, 0, $blocks);
}
