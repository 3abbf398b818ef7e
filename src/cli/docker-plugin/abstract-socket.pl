# Ends with 0 when a connection to an abstract socket has ended, with 1 when there is none. $ARGV[0]: its name.

use Socket;
my $s; socket($s, PF_UNIX, SOCK_STREAM, 0) && connect($s, pack_sockaddr_un("\0$ARGV[0]")) or exit 1;
1 while sysread($s, my $b, 64);
