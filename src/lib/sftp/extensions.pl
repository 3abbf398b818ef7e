# OpenSSH's extensions of SFTP (its PROTOCOL, section 4), and copy-data and home-directory (draft-ietf-secsh-filexfer-extensions-00).

BEGIN {
  %extension = (
    %extension,
    'posix-rename@openssh.com' => sub { done($_[0], renamed(word($_[1]), word($_[1]), 0)) },
    'hardlink@openssh.com' => sub {
      my ($from, $old, $to, $new) = places(word($_[1]), word($_[1])) or return done($_[0]);
      done($_[0], call('linkat', fileno $from, \"$old\0", fileno $to, \"$new\0", 0) == 0);
    },
    'fsync@openssh.com' => sub { my $handle = named($_[1]) or return done($_[0]); done($_[0], call('fsync', fileno $handle->{fh}) == 0) },
    'lsetstat@openssh.com' => sub { my ($name) = place(word($_[1])) or return done($_[0]); done($_[0], apply_to($name, wanted($_[1]))) },
    'statvfs@openssh.com' => sub {
      my ($name, $near) = place(word($_[1])) or return done($_[0]);
      sysopen(my $fh, $name, $PATH | ($near ? $NOFOLLOW : 0)) or return done($_[0]);
      room($_[0], $fh);
    },
    'fstatvfs@openssh.com' => sub { my $handle = named($_[1]) or return done($_[0]); room($_[0], $handle->{fh}) },
    # Of a packet, a read and a write, in bytes; open files are limited by the system.
    'limits@openssh.com' => sub { send_packet(pack('CNQ>4', 201, $_[0], 2 * $most, $most, $most, 0)) },
    'copy-data' => sub {
      my ($id) = @_;
      my ($from, $at, $size, $to, $put) = ((named($_[1]) or return done($id)), long($_[1]), long($_[1]), (named($_[1]) or return done($id)), long($_[1]));
      $! = 9, return done($id) if $from->{folder} || $to->{folder};
      # What is written would be read again.
      my @same = ((stat $from->{fh})[0, 1], (stat $to->{fh})[0, 1]);
      return status($id, 22) if $same[0] == $same[2] && $same[1] == $same[3] && (!$size || $put < $at + $size && $at < $put + $size);
      my $came = copy($from->{fh}, $at, $size, $to->{fh}, $put);
      return done($id) unless defined $came;
      # A hole at its end.
      my $end = $put + $came - $at;
      done($id, -s $to->{fh} >= $end || truncate $to->{fh}, $end);
    },
    'expand-path@openssh.com' => sub {
      my ($id) = @_;
      my $path = word($_[1]);
      if ($path =~ s{\A~([^/]*)}{}s) {
        my $top = $1 eq '' ? home() : home_of($1);
        return status($id, 2) unless defined $top;
        $path = $top . ($path eq '' ? '' : $path =~ m{\A/} ? $path : "/$path");
      }
      my ($name) = place($path) or return done($id);
      $path = real($name) // return done($id);
      send_packet(pack('CNN', 104, $id, 1), text($path), text($path), pack('N', 0));
    },
    'home-directory' => sub {
      my ($id) = @_;
      my $user = word($_[1]);
      my $path = $user eq '' ? home() : home_of($user);
      return status($id, 2) unless defined $path;
      send_packet(pack('CNN', 104, $id, 1), text($path), text($path), pack('N', 0));
    },
    # The names, as the files here have them; an empty one for a number without.
    'users-groups-by-id@openssh.com' => sub {
      my ($id) = @_;
      my ($users, $groups) = (word($_[1]), word($_[1]));
      my @named = map { my ($numbers, $file) = @$_; my $by = names_in($file); join '', map { text($by->{$_} // '') } unpack 'N*', $numbers } [$users, '/etc/passwd'], [$groups, '/etc/group'];
      send_packet(pack('CN', 201, $id), map { text($_) } @named);
    },
  );
}

# Of the file system that something open is in: statfs(2) as statvfs(3) has it.
sub room {
  my ($id, $fh) = @_;
  my $is = "\0" x 256;
  call('fstatfs', fileno $fh, \$is) == 0 or return done($id);
  my ($size, $blocks, $free, $available, $files, $spare, $one, $other, $longest, $piece, $flags) = unpack 'x8 q6 L2 q3', $is;
  send_packet(pack('CNQ>11', 201, $id, $size, $piece || $size, $blocks, $free, $available, $files, $spare, $spare, $one | $other << 32, $flags & 3, $longest));
}

# The lines of a small file, split; none of what is not there, or is something else.
sub lines_of {
  my $fh = regular($_[0], $READ) or return;
  sysread($fh, my $text, 1048576) or return;
  map { [split /:/, $_, -1] } split /\n/, $text;
}
sub names_in { my %by; for (lines_of($_[0])) { $by{$_->[2] + 0} //= $_->[0] if @$_ > 2 && $_->[2] =~ /\A\d{1,10}\z/ } \%by }
sub home_of { my ($name) = @_; my ($is) = grep { $_->[0] eq $name } lines_of('/etc/passwd'); $is && ($is->[5] // '') =~ m{\A/} ? $is->[5] : undef }
# Where the server began.
sub home { $home && chdir $home or return; real('.') }
