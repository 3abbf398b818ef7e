import type { SshClient } from './ssh-client'

/**
 * Listens at a port and a path in it and cancels both, over one connection.
 * @param flags of ssh, with the host
 * @returns how many listen at the port and whether the path is a socket: before, and behind it
 */
export async function listensAndCancels(client: SshClient, flags: string): Promise<string[]> {
  const listens = `ssh ${flags} 'grep -c :2329 /proc/net/tcp; test -S /tmp/c.sock && echo socket'`
  const lines = [
    `ssh -MNf ${flags}`,
    `ssh -O forward -R 9001:localhost:9 -R /tmp/c.sock:localhost:9 ${flags}`,
    listens,
    `ssh -O cancel -R 9001:localhost:9 -R /tmp/c.sock:localhost:9 ${flags}`,
    listens,
    `ssh -O exit ${flags}`,
  ]
  return (await client.line(lines.join('\n'))).stdout.toString().split('\n')
}

const ask = `perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die $!; syswrite $s, "\\0\\0\\0\\1\\x0b"; sysread $s, my $said, 5; print unpack("H*", substr $said, 4), "\\n"'; stat -c "%a %U" "$SSH_AUTH_SOCK" "$(dirname "$SSH_AUTH_SOCK")"`

/**
 * Asks the agent whose keys it has, and prints the number of its answer; then how its socket is protected. For the inside
 * of single quotes.
 */
export const askAgent = ask.replaceAll("'", `'\\''`)
