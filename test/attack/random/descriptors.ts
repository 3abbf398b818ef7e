/** docker-bash is started with descriptors of every kind; inside, whoever runs there tries to use them. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from '../../support/cli'
import { type Container, container } from '../../support/containers'
import { docker } from '../../support/docker-api'
import { scratch } from '../../support/engine'
import type { Attack } from './attack'

let box: Container
let folder: string

/** What is behind each open descriptor, and whatever can be done to it. The report stays in the container. */
const hunt = `exec 7<&0 8>&1 9>&2
for fd in $(ls /proc/$$/fd); do
  stat -Lc '%d:%i' /proc/$$/fd/$fd
  chmod 777 /proc/$$/fd/$fd; chown 7 /proc/$$/fd/$fd
  (echo EVIL >>/proc/$$/fd/$fd) &
  (cd -P /proc/$$/fd/$fd/.. && [ -e host-secret ] && echo escaped)
  (cd -P /proc/$$/fd/$fd && [ -e usr/sbin/dockerd ] && echo escaped)
done >/tmp/report 2>/dev/null </dev/null
kill $(jobs -p) 2>/dev/null; exit 7`

const kinds = ['file', 'folder', 'null', 'zero', 'fifo', 'root', 'deleted', 'read-only'] as const

export const descriptors: Attack = {
  async prepare() {
    box = await container({ image: 'busybox' })
    folder = scratch('descriptors')
    mkdirSync(join(folder, 'inner'))
    writeFileSync(join(folder, 'host-secret'), 'secret')
    execFileSync('mkfifo', [join(folder, 'fifo')])
  },

  async attempt(draw, say) {
    const via = draw.pick(['runc', 'exec', 'nsenter', 'nsenter', 'debug'])
    const streams = [0, 1, 2].map(() => draw.pick(kinds))
    const more = Array.from({ length: draw.int(0, 4) }, () => draw.pick(kinds))
    say(`${via} with ${streams.join(' ')} and ${more.join(' ') || 'no more'}`)

    const file = join(folder, 'file')
    writeFileSync(file, 'ORIGINAL\n', { mode: 0o640 })
    const opened = [...streams, ...more].map((kind) => open(kind))
    const nullMode = statSync('/dev/null').mode
    try {
      const { ended } = start(['--via', via, box.name, 'sh', '-c', hunt], {
        under: ['perl', '-e', reopen(opened), String(process.pid)],
      })
      await ended
      const report = (await docker().inside(box.id, ['sh', '-c', 'cat /tmp/report; rm -f /tmp/report'])).stdout.split(
        '\n',
      )
      const ours = opened.map((fd) => fstatSync(fd)).map(({ dev, ino }) => `${dev}:${ino}`)
      expect(report).not.toContain('escaped')
      for (const one of ours) expect(report).not.toContain(one)
    } finally {
      for (const fd of opened) closeSync(fd)
    }
    // What it says on its own stdout and stderr goes where they lead.
    if (!streams.slice(1).includes('file')) expect(readFileSync(file, 'utf8')).not.toMatch(/EVIL/)
    expect(statSync(file)).toMatchObject({ uid: 0, mode: 0o100640 })
    expect(statSync(folder)).toMatchObject({ uid: 0 })
    expect(statSync('/dev/null').mode).toBe(nullMode)
  },
}

/** A perl program that opens descriptors of ours anew as its 0, 1, 2, 10, 11, …, and becomes what its words say. */
function reopen(fds: readonly number[]): string {
  const pairs = fds.map((fd, at) => `${fd} => ${at < 3 ? at : at + 7}`).join(', ')
  return `use POSIX; my $pid = shift; my %at = (${pairs});
    for my $fd (sort keys %at) {
      open my $info, '<', "/proc/$pid/fdinfo/$fd" or die; my ($flags) = map { /^flags:\\s*(\\d+)/ ? oct $1 : () } <$info>;
      my $new = POSIX::open("/proc/$pid/fd/$fd", ($flags & 3) | 04000) // die "$fd: $!";
      POSIX::dup2($new + 0, $at{$fd}); POSIX::close($new + 0) if $new != $at{$fd};
    }
    exec { $ARGV[0] } @ARGV;`
}

function open(kind: (typeof kinds)[number]): number {
  const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants
  const file = join(folder, 'file')
  switch (kind) {
    case 'file':
      return openSync(file, O_RDWR)
    case 'read-only':
      return openSync(file, O_RDONLY)
    case 'folder':
      return openSync(join(folder, 'inner'), O_RDONLY)
    case 'root':
      return openSync('/', O_RDONLY)
    case 'null':
      return openSync('/dev/null', O_RDWR)
    case 'zero':
      return openSync('/dev/zero', O_RDONLY)
    case 'fifo':
      return openSync(join(folder, 'fifo'), O_RDWR | O_NONBLOCK)
    case 'deleted': {
      const path = join(folder, `gone-${Math.random()}`)
      const fd = openSync(path, 'w+')
      execFileSync('rm', [path])
      return fd
    }
  }
}
