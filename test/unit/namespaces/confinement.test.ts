import { cgroupFiles, readConfinement } from '../../../src/lib/namespaces/confinement'

const all = () => true

test('control groups of version 1, each in its own hierarchy', () => {
  const mountinfo = [
    '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
    '40 31 0:37 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  ].join('\n')
  const cgroup = '8:pids:/docker/abc\n2:cpu,cpuacct:/docker/abc\n9:name=other:/x\n0::/docker/abc\n'
  expect(cgroupFiles(cgroup, mountinfo, all)).toEqual([
    '/sys/fs/cgroup/pids/docker/abc/cgroup.procs',
    '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cgroup.procs',
    '/sys/fs/cgroup/unified/docker/abc/cgroup.procs',
  ])
})

test('version 2, mounted from a folder below its root', () => {
  const mountinfo = '30 23 0:26 /machine /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate'
  const cgroup = '0::/machine/system.slice/docker-abc.scope\n'
  expect(cgroupFiles(cgroup, mountinfo, all)).toEqual(['/sys/fs/cgroup/system.slice/docker-abc.scope/cgroup.procs'])
  expect(cgroupFiles('0::/elsewhere\n', mountinfo, all)).toEqual([])
})

test('a hierarchy that another mount lies over is not to be seen', () => {
  const mountinfo = [
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '50 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw',
    '51 31 0:39 / /sys/fs/cgrouper rw,relatime - tmpfs tmpfs rw',
  ].join('\n')
  expect(cgroupFiles('8:pids:/\n0::/docker/abc\n', mountinfo, all)).toEqual(['/sys/fs/cgroup/docker/abc/cgroup.procs'])
})

test('what a process of our own is held by', () => {
  expect(readConfinement(process.pid)).toMatchObject({ noNewPrivileges: expect.any(Boolean), limits: { length: 16 } })
  expect(readConfinement(2 ** 22 + 1)).toBeUndefined()
})
