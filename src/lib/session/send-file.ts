import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { perl } from '../host/perl'
import { knownMachines, perlCalls } from '../host/perl-calls'

/** A file on its way into a socket. */
export interface Sending {
  /** Settles when no more comes of it, for whatever reason: what is left begins at the file's position. */
  readonly ended: Promise<void>
  stop(): void
}

/**
 * Descriptor 3 is the socket, which is non-blocking for whoever has it. The position of the file moves by what went
 * out, so that anybody can go on from there, whether this one failed, was killed, or found a file that has no sendfile.
 * With its parent it ends at once (PR_SET_PDEATHSIG); ctrl-c is not for it, as it is the command's. ctrl-z is.
 */
const script = `${perlCalls}
my ($machine, $parent) = @ARGV;
machine($machine);
$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM);
call('prctl', 1, 9, 0, 0, 0); exit if getppid != $parent;
my $writable = ''; vec($writable, 3, 1) = 1;
my ($again, $interrupted) = (11, 4);
while (1) {
  select(undef, my $room = $writable, undef, undef);
  my $sent = call('sendfile', 3, 0, 0, 1 << 30);
  last unless $sent > 0 || $sent < 0 && ($! == $again || $! == $interrupted);
}
`

/**
 * Has the kernel hand a file to a socket, page by page, from its position on. Node has no call for that: a perl does it,
 * and no byte is copied by either of us.
 * @returns undefined where that cannot be: the socket is not the kernel’s alone (TLS), the machine is unknown
 */
export function sendFile(file: number, to: Writable): Sending | undefined {
  const socket = descriptorOf(to)
  if (process.platform !== 'linux' || !knownMachines.includes(process.arch) || socket === undefined) return undefined
  const words = ['-e', script, process.arch, String(process.pid)]
  try {
    const child = spawn(perl, words, {
      cwd: '/',
      stdio: [file, 'ignore', 'ignore', socket],
      argv0: 'docker-bash',
      env: { LC_ALL: 'C' },
    })
    const ended = new Promise<void>((settle) => {
      child.once('error', () => settle())
      child.once('exit', () => settle())
    })
    return { ended, stop: () => void child.kill('SIGKILL') }
  } catch {
    // There is no room for another process: it is not needed.
    return undefined
  }
}

/** That of a plain socket. A stream is not to be given to a child as such: Node would read it no more. */
function descriptorOf(stream: Writable): number | undefined {
  if (!(stream instanceof Socket) || 'encrypted' in stream) return undefined
  const { fd } = (stream as unknown as { _handle?: { fd?: number } | null })._handle ?? {}
  return fd !== undefined && fd >= 0 ? fd : undefined
}
