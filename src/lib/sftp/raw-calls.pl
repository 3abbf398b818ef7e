# System calls that are made for each of many small files; behind perl-calls.pl. A descriptor is a number here, and nothing
# is asked of a file that perl itself asks of one that it opens. An error is a negative number.

@{$machines{x64}}{qw(openat read write statx fchown fchmod getrandom)} = (257, 0, 1, 332, 93, 91, 318);
@{$machines{arm64}}{qw(openat read write statx fchown fchmod getrandom)} = (56, 63, 64, 291, 55, 52, 278);
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
