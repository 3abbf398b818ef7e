# Extensions of our own, which our client alone asks for.

BEGIN {
  %extension = (
    %extension,
    # copy-data at the same place in both, which says how far it came.
    'copy@docker-bash' => sub {
      my ($id) = @_;
      my ($from, $at, $size, $to) = ((named($_[1]) or return done($id)), long($_[1]), long($_[1]), (named($_[1]) or return done($id)));
      my $came = copy($from->{fh}, $at, $size, $to->{fh}, $at);
      $to->{failed} ||= $! + 0, return done($id) unless defined $came;
      # On its way to the disk already, while more comes: the end waits for less.
      call('sync_file_range', fileno $to->{fh}, $at, $came - $at, 2) if $came - $at > 4194304;
      send_packet(pack('CNQ>', 201, $id, $came));
    },
    # A handle for the other server, by what joins the two. That one waits, so that it gets a byte in any case.
    'give@docker-bash' => sub {
      my ($id) = @_;
      my $handle = named($_[1]);
      my $error = $handle && give($handle->{fh}) ? 0 : $! + 0 || 5;
      syswrite($door, 'x') or leave() if $error;
      status($id, $error);
    },
    'take@docker-bash' => sub { my $fh = taken() or return done($_[0]); keep($_[0], {fh => $fh}) },
    # The end of a file that was begun: what it is to be like, through to the disk if asked, and closed. With a write that
    # failed it goes instead.
    'finish@docker-bash' => sub {
      my ($id) = @_;
      my $handle = delete $handles{word($_[1])} or return status($id, 9);
      my ($through, $to) = (number($_[1]), wanted($_[1]));
      my $error = $handle->{failed} || 0;
      $error ||= $! + 0 unless apply($handle->{fh}, $to);
      $error ||= $! + 0 unless !$through || call('fsync', fileno $handle->{fh}) == 0;
      $error ||= $! + 0 unless close $handle->{fh};
      if ($error && (my $mine = delete $made{$handle->{made} // ''})) { chdir $mine->[0] and unlink $mine->[1] }
      status($id, $error);
    },
    'syncfs@docker-bash' => sub {
      my $handle = named($_[1]) or return done($_[0]);
      sysopen(my $folder, '.', $READ | $DIRECTORY) if chdir $handle->{fh};
      done($_[0], $folder && call('syncfs', fileno $folder) == 0);
    },
    'fs-type@docker-bash' => sub {
      my $handle = named($_[1]) or return done($_[0]);
      my $is = "\0" x 256;
      call('fstatfs', fileno $handle->{fh}, \$is) == 0 or return done($_[0]);
      send_packet(pack('CNQ>', 201, $_[0], unpack 'Q', $is));
    },
    'mknod@docker-bash' => sub {
      my ($name) = place(word($_[1])) or return done($_[0]);
      done($_[0], call('mknodat', -100, \"$name\0", number($_[1]), long($_[1])) == 0);
    },
    'xattrs@docker-bash' => sub {
      my $fh = (named($_[1]) or return done($_[0]))->{fh};
      my ($names, $list, $many) = ("\0" x 65536, '', 0);
      my $size = call('flistxattr', fileno $fh, \$names, 65536);
      $size = 0 if $size < 0 && $! == 95;
      return done($_[0]) if $size < 0;
      for my $name (split /\0/, substr($names, 0, $size)) {
        my $value = "\0" x 65536;
        my $length = call('fgetxattr', fileno $fh, \"$name\0", \$value, 65536);
        next if $length < 0;
        $list .= text($name) . text(substr $value, 0, $length);
        $many++;
      }
      send_packet(pack('CNN', 201, $_[0], $many), $list);
    },
    'set-xattr@docker-bash' => sub {
      my $fh = (named($_[1]) or return done($_[0]))->{fh};
      my ($name, $value) = (word($_[1]), word($_[1]));
      done($_[0], call('fsetxattr', fileno $fh, \"$name\0", \$value, length $value, 0) == 0);
    },
  );
}
