# System calls for the programs that a perl runs for us: the one place where `syscall` is written, next to sftp/raw-calls.pl.
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
    fstatfs=>138, sync_file_range=>277},
  arm64 => {setns=>268, prctl=>167, capset=>91, unshare=>97, mount=>40, close_range=>436, setresuid=>147,
    setresgid=>149, setgroups=>159, prlimit=>261, pidfd_open=>434, open_tree=>428, move_mount=>429, setsid=>157,
    getcwd=>17, statfs=>43, clone=>220, exit_group=>94, close=>57, memfd_create=>279, dup3=>24, sendfile=>71,
    execve=>221, sendmsg=>211, recvmsg=>212, fsync=>82, fchownat=>54, mknodat=>33, linkat=>37, utimensat=>88,
    syncfs=>267, renameat2=>276, copy_file_range=>285, fsetxattr=>7, fgetxattr=>10, flistxattr=>13,
    fstatfs=>44, sync_file_range=>84},
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
