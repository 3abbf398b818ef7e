# Puts the link and the order where the way's program has them, descriptors 3 and 4, and becomes that program.

our ($link, $order);
# The program that it becomes has words of its own: none.
my ($machine, $uid, $gid) = splice @ARGV;
machine($machine);
socket($link, 1, 1, 0) && connect($link, meeting()) or exit 1;
sub sealed {
  my ($length, $bytes) = ('', '');
  while (sysread($link, my $one, 1)) { last if $one eq "\n"; $length .= $one }
  while (length $bytes < $length) { sysread($link, $bytes, $length - length $bytes, length $bytes) or exit 1 }
  $length ? $bytes : exit 1;
}
my ($program, $bytes) = (sealed(), sealed());
open($order, '+<&=', call('memfd_create', \"order\0", 0)) or exit 1;
syswrite($order, $bytes); sysseek($order, 0, 0);
fileno $link == 3 or call('dup3', fileno $link, 3, 0);
fileno $order == 4 or call('dup3', fileno $order, 4, 0);
# Pipes that nobody else has: so that the command can open them again by their names.
chown $uid, $gid, $_ for *STDIN, *STDOUT, *STDERR;
$bytes = '';
eval $program;
exit 1;
