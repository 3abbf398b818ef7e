/** Sockets that are made inside a container: as whom. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { readStat } from '../../src/lib/host/proc'
import { type Owner, SocketMaker } from '../../src/lib/sockets/maker'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'

/** Says to whoever connects who that is: SO_PEERCRED and SO_PEERGROUPS. */
const listener = `use Socket; $| = 1; my ($root) = @ARGV;
sub serve { my ($path, $mode) = @_; socket(my $s, 1, 1, 0); bind($s, pack_sockaddr_un($path)) or die; chmod $mode, $path; listen($s, 5); $s }
my $open = serve("$root/tmp/open", 0777); my $closed = serve("$root/tmp/closed", 0600);
print "ready\\n";
while (accept(my $c, $open)) {
  my (undef, $uid, $gid) = unpack('iII', getsockopt($c, 1, 17));
  syswrite $c, join(' ', $uid, $gid, sort { $a <=> $b } unpack('I*', getsockopt($c, 1, 59))); close $c }`

let pid: number
let child: ChildProcess
beforeAll(async () => {
  const box = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/tmp': 'mode=1777' } } })
  pid = (await docker().inspect(box.id)).State.Pid
  child = spawn('perl', ['-e', listener, `/proc/${pid}/root`])
  await once(child.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(() => void child.kill())

async function as<T>(owner: Owner, work: (maker: SocketMaker) => Promise<T>): Promise<T> {
  const maker = await SocketMaker.start({ name: 'box', pid, start: readStat(pid)?.start ?? 0 }, true, owner)
  try {
    return await work(maker)
  } finally {
    await maker.close()
  }
}
const unix = (path: string) => ({ family: 'unix' as const, path: Buffer.from(path) })

test.each([
  [{ uid: 1234, gid: 77, groups: [4, 9] }, '1234 77 4 9 77', 'EACCES'],
  [{ uid: 0, gid: 0 }, '0 0 0', undefined],
])('as %j', async (owner, seen, refusal) => {
  await as(owner, async (maker) => {
    expect(await text(await maker.connect(unix('/tmp/open')))).toBe(seen)
    const closed = await maker.connect(unix('/tmp/closed')).then(
      (socket) => void socket.destroy(),
      (error: NodeJS.ErrnoException) => error.code,
    )
    expect(closed).toBe(refusal)
    // And it can do more than once what takes root, and what takes the user.
    const server = await maker.listen(unix('/tmp/own'))
    server.on('connection', (socket) => socket.destroy())
    const { uid, gid, mode } = statSync(`/proc/${pid}/root/tmp/own`)
    server.close()
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: owner.uid, gid: owner.gid, mode: 0o600 })
    expect(await text(await maker.connect(unix('/tmp/open')))).toBe(seen)
  })
})
