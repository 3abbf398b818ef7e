/** A container can make a node of any device the host has: by the names that we look for, none of them is opened. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { run } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'

// inotify, by numbers of both machines: says so when what is at a path is opened.
const watcher = String.raw`
my ($path) = @ARGV;
my ($init, $add) = (POSIX::uname())[4] eq 'aarch64' ? (26, 27) : (294, 254);
my $in = syscall($init, 0); syscall($add, $in, $path, 0x20) >= 0 or die "watch: $!";
open(my $events, '<&=', $in) or die; $| = 1;
print "watching\n"; sysread($events, my $event, 4096) and print "opened\n";
`

/** Whether that is opened, in the container, while something is done. */
async function opened(root: string, path: string, work: () => Promise<unknown>): Promise<string> {
  const child = spawn('perl', ['-MPOSIX', '-e', watcher, root + path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await once(child.stdout, 'data')
  await work()
  child.kill()
  await closed
  return said
}

test.each(['nsenter', 'debug'])('%s: a device by the name of the terminals’ is not opened', async (via) => {
  const { id, name } = await container({ image: 'debian' })
  const root = `/proc/${(await docker().inspect(id)).State.Pid}/root`
  await docker().inside(id, ['sh', '-c', 'rm -f /dev/ptmx; mknod /dev/ptmx c 1 3'])
  const enter = async () => {
    // There is a terminal all the same: one of the host's, made for it.
    const { stdout, code } = await run(['-t', '--via', via, name, 'sh', '-c', 'test -t 0 && test -t 1 && echo yes'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'yes\r\n' })
  }
  expect(await opened(root, '/dev/ptmx', enter)).toBe('watching\n')
  // That it would be seen.
  expect(await opened(root, '/dev/ptmx', () => docker().inside(id, ['sh', '-c', ': </dev/ptmx']))).toMatch(/opened/)
})

test('one by the name of nothing is not opened as nothing', async () => {
  const { id, name } = await container({ image: 'debian' })
  const root = `/proc/${(await docker().inspect(id)).State.Pid}/root`
  await docker().inside(id, ['sh', '-c', 'rm -f /dev/null; mknod /dev/null c 1 5'])
  const enter = async () => {
    const { code, stdout } = await run(['-n', '--via', 'nsenter', name, '/bin/cat'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: '' })
  }
  expect(await opened(root, '/dev/null', enter)).toBe('watching\n')
})
