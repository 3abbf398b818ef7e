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
    # A handle for the other server, by what joins the two.
    'give@docker-bash' => sub { my $handle = named($_[1]) or return done($_[0]); done($_[0], give($handle->{fh})) },
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
    # Of many small files in a folder what each is, and its bytes; of as many as one packet takes. An error for one that is
    # something else by now, has other names, or (where that is asked) extended attributes.
    'small@docker-bash' => sub {
      my ($id) = @_;
      my ($handle, $largest, $bare) = ((named($_[1]) or return done($id)), number($_[1]), number($_[1]));
      chdir $handle->{fh} or return done($id);
      my ($many, $list) = (0, '');
      for (; length $_[1] && length $list < $most; $many++) {
        my ($is, $bytes) = small(word($_[1]), $largest, $bare);
        $list .= defined $bytes ? pack('N', 0) . $is . text($bytes) : pack('N', $! + 0 || 5);
      }
      send_packet(pack('CNN', 201, $id, $many), $list);
    },
    # Makes many in a folder, each as it is to be; theirs are names to be given later. The error of each.
    'make-small@docker-bash' => sub {
      my ($id) = @_;
      my $folder = word($_[1]);
      my $handle = $handles{$folder} or return status($id, 9);
      chdir $handle->{fh} or return done($id);
      sysopen(my $held, '.', $PATH | $DIRECTORY) or return done($id);
      # Where the folder gives its group, or says what is allowed to whom, a file is not born as it was asked for.
      my $plain = !((stat $handle->{fh})[2] & 02000) && call('fgetxattr', fileno $handle->{fh}, \"system.posix_acl_default\0", 0, 0) < 0;
      my $errors = '';
      while (length $_[1]) {
        my ($name, $to, $bytes) = (word($_[1]), wanted($_[1]), word($_[1]));
        $errors .= pack 'N', made_small($folder, $held, $name, $to, $plain, $bytes) ? 0 : $! + 0 || 5;
      }
      send_packet(pack('CN', 201, $id), text($errors));
    },
    # Gives them their names; 1: where nothing has it. One that could not have its name goes.
    'name-small@docker-bash' => sub {
      my ($id) = @_;
      my ($folder, $flags) = (word($_[1]), number($_[1]));
      my $handle = $handles{$folder} or return status($id, 9);
      chdir $handle->{fh} or return done($id);
      my $errors = '';
      while (length $_[1]) {
        my ($from, $to) = (word($_[1]), word($_[1]));
        my $well = is_name($from) && is_name($to) && ($flags ? renamed("\0$folder/$from", "\0$folder/$to", 1) : rename $from, $to);
        my $error = $well ? 0 : $! + 0 || 5;
        unlink $from if $error && $made{"\0$folder/$from"};
        delete $made{"\0$folder/$from"};
        $errors .= pack 'N', $error;
      }
      send_packet(pack('CN', 201, $id), text($errors));
    },
  );
}

sub is_name { $_[0] ne '' && $_[0] ne '.' && $_[0] ne '..' && $_[0] !~ /[\/\0]/ or $! = 22, 0 }
sub small {
  my ($name, $largest, $bare) = @_;
  is_name($name) or return;
  my $fh = regular($name, $READ | $NOFOLLOW) or return;
  my @is = stat _;
  $! = 7, return if $is[3] > 1 || $is[7] > $largest;
  $! = 7, return if $bare && call('flistxattr', fileno $fh, 0, 0) > 0;
  my $got = sysread($fh, my $bytes, $largest + 1) // return;
  $! = 7, return if $got > $largest;
  (attributes(@is), $bytes);
}
sub made_small {
  my ($folder, $held, $name, $to, $plain) = @_;
  is_name($name) or return;
  # What it is from birth on need not be changed.
  delete @$to{qw(uid gid)} if $plain && exists $to->{uid} && $to->{uid} == $> && $to->{gid} == $) + 0;
  my $mode = $plain && !exists $to->{uid} && !(($to->{mode} // 07000) & 07000) ? delete $to->{mode} : 0600;
  sysopen(my $fh, $name, $WRITE | $CREATE | $EXCLUSIVE | $NOFOLLOW, $mode) or return;
  binmode $fh;
  return $made{"\0$folder/$name"} = [$held, $name] if spill($fh, $_[5], 0) && apply($fh, $to) && close $fh;
  my $error = $! + 0;
  unlink $name;
  $! = $error;
  return;
}
