/**
 * The way into namespaces from a container on the engine's own host, for when we are not root there: the same program
 * for the same perl (the container's own, or else the host's), which two processes of that container run.
 *
 * The holder is its first process. It says what /proc tells of the target, then hands on between its input and output,
 * which we hold, and the keeper's link. When its input ends, however we ended, so does the link; it waits for the
 * keeper to have ended the command, and then ends itself, and the container with it.
 *
 * The keeper is an exec beside it, whose streams are the command's.
 */
import { perlCalls } from '../host/perl-calls'
import { wayScript } from './enter'

/** Where they meet: a socket in the network namespace of the helper, in which there is nobody else. */
const socket = String.raw`pack('S a*', 1, "\0docker-bash")`

const holder = String.raw`
use strict;
my ($pid, $parent, $machine) = @ARGV;
my ($over, $door) = (0);
$SIG{PIPE} = 'IGNORE'; $SIG{$_} = sub { $over = 1 } for qw(HUP INT TERM);
sub out { my ($to, $bytes) = @_; while (length $bytes) { my $done = syswrite($to, $bytes) or return; substr($bytes, 0, $done) = '' } }
sub fact { my ($name, $text) = @_; out(\*STDOUT, "$name " . length($text) . "\n$text") }
socket($door, 1, 1, 0) && bind($door, ${socket}) && listen($door, 1) or die "socket: $!";
my %files = (map { ($_, "/proc/$pid/$_") } qw(stat status limits cgroup oom_score_adj attr/current uid_map gid_map));
@files{qw(supervisor bundle mountinfo)} = map { "/proc/$parent/$_" } qw(cmdline cwd/config.json mountinfo);
for my $name (keys %files) {
  open(my $file, '<', $files{$name}) or next;
  local $/; my $text = <$file>;
  fact($name, $text) if defined $text;
}
fact('machine', $machine);
fact('end', '');
my ($link, $shut, $held) = (undef, 0, '');
for (;;) {
  if ($over && !$shut) { $shut = 1; last unless $link; shutdown($link, 1) }
  my $in = '';
  vec($in, 0, 1) = 1 unless $over;
  for ($door, $link) { vec($in, fileno $_, 1) = 1 if $_ }
  my $ready = select($in, undef, undef, $over ? 30 : undef);
  last if $ready == 0;
  next if $ready < 0;
  if (vec($in, 0, 1)) {
    my $bytes;
    if (!sysread(STDIN, $bytes, 65536)) { $over = 1 } elsif ($link) { out($link, $bytes) } else { $held .= $bytes }
  }
  if ($door && vec($in, fileno $door, 1) && accept($link, $door)) { close $door; undef $door; out($link, $held); next }
  if ($link && vec($in, fileno $link, 1)) {
    if (sysread($link, my $bytes, 65536)) { out(\*STDOUT, $bytes); next }
    last if $over;
    # What the command said last may still be on its way: we let it go, not it us.
    close $link; undef $link;
    out(\*STDOUT, "over\n");
  }
}
`

/** Puts the link and the order where the way's program has them, descriptors 3 and 4, and becomes that program. */
const keeping = String.raw`
our ($link, $order);
my ($machine, $uid, $gid) = @ARGV;
machine($machine);
socket($link, 1, 1, 0) && connect($link, ${socket}) or exit 1;
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
`

const keeper = `use strict;${perlCalls}${keeping}`

/**
 * $1 role, $2 the target's first process, $3 the perl program, $4… its arguments behind those two. A copy of perl in
 * the helper's own files comes in: whoever inside could lay hands on it has nothing of the host's. The host's libraries
 * are found by changing the root only: the holder's mount namespace is where its engine starts the keeper.
 */
const script = [
  'role=$1 pid=$2 program=$3; shift 3;',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin;',
  'say() { echo "$1 0"; exit 0; };',
  // What is said before the engine has put its output through to us is lost; our input comes by the same connection.
  'if [ $role = holder ]; then read -r begin || exit 0; fi;',
  '{ read -r line </proc/$pid/stat; } 2>/dev/null || say gone;',
  'line=${line##*") "}; line=${line#* }; parent=${line%% *}; way=;',
  'case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) say machine ;; esac;',
  'perl=/usr/bin/perl; if [ ! -x $perl ]; then perl=/proc/$parent/root$perl; way="chroot /proc/$parent/root"; fi;',
  'if [ $role = holder ]; then [ -x $perl ] || say perl; cp $perl /.docker-bash-perl || say copy; set -- $pid $parent $machine;',
  'else set -- $machine "$@"; fi;',
  'exec 9</.docker-bash-perl; exec env -i LC_ALL=C PATH=$PATH $way /proc/self/fd/9 -e "$program" "$@"',
].join(' ')

/**
 * argv of the helper's first process, which waits for `begin`.
 * @param pid of the target's first process, on the engine's host
 */
export function holderWords(pid: number): string[] {
  return ['/bin/sh', '-c', script, 'docker-bash', 'holder', String(pid), holder]
}

/** What the holder waits for. */
export const begin = '\n'

/** argv of the exec that becomes the keeper. @param owner who the command will be, by the host's numbers */
export function keeperWords(pid: number, owner: { readonly uid: number; readonly gid: number }): string[] {
  return ['/bin/sh', '-c', script, 'docker-bash', 'keeper', String(pid), keeper, String(owner.uid), String(owner.gid)]
}

/** The way's program and its order, as the keeper takes them off its link: not in words that its engine notes. */
export function sealed(order: string): Buffer {
  return Buffer.concat(
    [wayScript, order].map((text) => Buffer.from(text)).flatMap((bytes) => [Buffer.from(`${bytes.length}\n`), bytes]),
  )
}
