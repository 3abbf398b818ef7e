# The part of enter.pl that lays tools where the command finds them, and nobody else does.

# Tools, in a private copy of the mount namespace: nobody else sees the mounts, and they are gone with the last of us.
sub toolbox {
  return unless @_;
  my ($marker, $writable, @places) = @_;
  my (@files, %links) = fields(); %links = fields();
  must('private mounts', call('unshare', 0x00020000) == 0);
  my ($none, $root, $tmpfs) = (\"none\0", \"/\0", \"tmpfs\0");
  must('private mounts', call('mount', $none, $root, $none, 0x80000 | 0x4000, 0) == 0);
  must('writable root', call('mount', $none, $root, $none, 0x20 | 0x1000 | root_flags(), 0) == 0) if $writable;
  my ($place) = placed(@places);
  must('place for the tools', defined $place && chdir $place);
  my ($path, $bytes, $below) = (\".\0", 0, (stat '.')[0]);
  for (my $at = 1; $at < @files; $at += 2) { $bytes += $files[$at] }
  my $options = \('mode=755,size=' . (8 + int($bytes / 1048576)) . "m\0");
  must('tools', call('mount', $tmpfs, $path, $tmpfs, 2 | 4, $options) == 0);
  # By that name, or somebody moved it away meanwhile; what follows is written where we stand.
  must('place for the tools', chdir $place && (stat '.')[0] != $below);
  open(my $from, '<&=', $source);
  binmode $from;
  while (my ($name, $left) = splice @files, 0, 2) {
    open(my $to, '>', $name) or $failed->('tools');
    binmode $to;
    while ($left > 0) {
      my $count = read($from, my $held, $left < 65536 ? $left : 65536) or $failed->('tools');
      print $to $held;
      $left -= $count;
    }
    must('tools', close $to);
    chmod 0755, $name;
  }
  close $from;
  symlink $links{$_}, $_ for keys %links;
  if ($brought) {
    mkdir 'own';
    my $folder = \"own\0";
    must('own tools', call('move_mount', fileno $brought, \"\0", -100, $folder, 4) == 0);
    must('own tools', call('mount', $none, $folder, $none, 0x20 | 0x1000 | 1 | 2 | 4, 0) == 0);
    close $brought;
  }
  # Read-only: the file system itself, so that no other mount of it could be written either.
  must('tools', call('mount', $none, $path, $none, 0x20 | 1 | 2 | 4, 0) == 0);
  chdir '/';
  s/\Q$marker\E/$place/g for @words;
}

# The best place first. One in a file system of the kernel's cannot be moved away or replaced from inside, which would
# lay other tools in ours' stead; what is hidden there is not missed. In the container's own files only an empty folder.
sub placed {
  my @firm = grep { firm($_) } @_;
  ((grep { empty($_) } @firm), @firm, grep { empty($_) && !m{^/(?:sys|proc|dev)/} } @_);
}

# By this very name, no link on the way: proc, sysfs, mqueue, or the tmpfs that engines hide parts of them with.
sub firm {
  my ($path) = @_;
  $path =~ m{^/(?:sys|proc|dev)/} && chdir $path or return 0;
  my ($here, $kind) = ("\0" x 4096, "\0" x 256);
  my $length = call('getcwd', \$here, 4096);
  my $known = call('statfs', \".\0", \$kind) == 0 && {0x9fa0, 1, 0x62656572, 1, 0x19800202, 1, 0x01021994, 1}->{unpack 'Q', $kind};
  chdir '/';
  $length > 0 && substr($here, 0, $length - 1) eq $path && $known;
}

# What the root is mounted with besides being read-only: nosuid, nodev, noexec.
sub root_flags {
  my $flags = 0;
  open(my $mounts, '<', '/proc/self/mountinfo') or return 0;
  while (<$mounts>) {
    my (undef, undef, undef, undef, $point, $options) = split ' ';
    next unless $point eq '/';
    $flags = 0;
    for (split /,/, $options) { $flags |= {nosuid => 2, nodev => 4, noexec => 8, noatime => 0x400, relatime => 0x200000}->{$_} // 0 }
  }
  $flags;
}

sub empty {
  opendir(my $dir, $_[0]) or return 0;
  !grep { !/^\.\.?$/ } readdir $dir;
}
