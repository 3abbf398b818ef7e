/** Every kind of thing that a caller's three streams can be, and what a command inside tries to do to it. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './engine'

export const kinds = [
  'a regular file',
  'a folder',
  'a terminal',
  '/dev/null',
  'another device',
  'a socket',
  'a named pipe',
  'a file in memory',
  'a name only (O_PATH)',
] as const
export type Kind = (typeof kinds)[number]

/** A caller's three streams, of one kind. */
export interface Given {
  /** The words that start a program with them. */
  readonly under: readonly string[]
  /** What they were, whoever has them now: each `DEVICE:INODE`. */
  inodes(): readonly string[]
  /** Of those that have names: mode and owner by now, and what the first one holds. */
  state(): readonly string[]
}

// Perl has all the calls; what it opens stays open for the program it becomes. memfd_create by number, on both machines.
const opening = String.raw`
use POSIX ();
my ($kind, $folder, @words) = @ARGV;
$^F = 1000;
my (@given, @kept);
sub one {
  my ($n) = @_;
  if ($kind eq 'a terminal') {
    sysopen(my $master, '/dev/ptmx', 2 | 0x100) or die "ptmx: $!"; push @kept, $master;
    my $unlocked = pack('i', 0); ioctl($master, 0x40045431, $unlocked);
    open(my $side, '+<&=', ioctl($master, 0x5441, 2 | 0x100) + 0) or die; return $side;
  }
  if ($kind eq 'a socket') { socketpair(my $one, my $other, 1, 1, 0) or die; push @kept, $other; return $one }
  if ($kind eq 'a file in memory') {
    my $name = "caller\0"; my $call = (POSIX::uname())[4] eq 'aarch64' ? 279 : 319;
    open(my $file, '+<&=', syscall($call, $name, 0)) or die;
    syswrite($file, 'ORIGINAL'); sysseek($file, 0, 0); return $file;
  }
  sysopen(my $file, "$folder/$n", $kind =~ /O_PATH/ ? 0x200000 : $kind eq 'a folder' ? 0 : 2) or die "$n: $!"; $file;
}
open(my $note, '>', "$folder/note");
for (0 .. 2) { my $fh = one($_); push @given, $fh; my @state = stat $fh; print $note "$state[0]:$state[1]\n" }
close $note;
for (0 .. 2) { POSIX::dup2(fileno $given[$_], $_) }
exec { $words[0] } @words;
`

/** Three of a kind, of this host's, in a folder of their own. */
export function give(kind: Kind): Given {
  const folder = scratch('given')
  const paths = [0, 1, 2].map((n) => join(folder, String(n)))
  for (const path of paths) make(kind, path)
  const hasNames = !['a terminal', 'a socket', 'a file in memory'].includes(kind)
  const stateOf = (path: string, n: number) => {
    const stat = statSync(path)
    const text = n === 0 && stat.isFile() ? readFileSync(path, 'utf8') : ''
    return `${(stat.mode & 0o777).toString(8)} ${stat.uid} ${text}`
  }
  return {
    under: ['perl', '-e', opening, kind, folder],
    inodes: () => readFileSync(join(folder, 'note'), 'utf8').trim().split('\n'),
    state: () => (hasNames ? paths.map(stateOf) : []),
  }
}

function make(kind: Kind, path: string): void {
  switch (kind) {
    case 'a folder':
      mkdirSync(path)
      writeFileSync(join(path, 'marker'), 'the host’s')
      break
    case '/dev/null':
      execFileSync('mknod', [path, 'c', '1', '3'])
      break
    case 'another device':
      execFileSync('mknod', [path, 'c', '1', '5'])
      break
    case 'a named pipe':
      execFileSync('mkfifo', [path])
      break
    default:
      writeFileSync(path, 'ORIGINAL')
  }
  chmodSync(path, 0o700)
}

/**
 * For the container's sh: notes in `report`, not on its streams, what they are and what it could do to them. The
 * programs by their own paths: `debug` brings others, which can do less.
 */
export const attempts = (report: string) => `
exec 7>${report}
for n in 0 1 2; do
  at=/proc/$$/fd/$n
  echo "$n is $(/usr/bin/stat -L -c %d:%i $at) $(/bin/readlink $at)" >&7
  /bin/chmod 777 $at 2>/dev/null
  /bin/chown 1:1 $at 2>/dev/null
  (cd -P $at 2>/dev/null && echo "$n is a folder" >&7)
  (cd -P $at/.. 2>/dev/null && echo "$n leads on" >&7)
  /bin/cat $at/marker >&7 2>/dev/null
done
echo EVIL | /bin/dd of=/proc/$$/fd/0 oflag=nonblock conv=notrunc 2>/dev/null
echo over >&7
echo out; echo err >&2
`
