# Makes a file in memory and keeps it until its input ends. 16: to be run, which kernels since 6.3 want to be told.

machine($ARGV[0]);
my $fd = call('memfd_create', \"docker-bash\0", 16);
$fd = call('memfd_create', \"docker-bash\0", 0) if $fd < 0;
exit 1 if $fd < 0;
syswrite(STDOUT, "$fd\n"); sysread(STDIN, my $taken, 1);
