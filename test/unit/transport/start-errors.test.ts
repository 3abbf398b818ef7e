import { isExecFailure } from '../../../src/lib/transport/shared/exec-failure'
import { notFound } from '../../../src/lib/transport/shared/start-errors'
import { readFailure } from '../../../src/lib/transport/shared/start-failure'

test.each([
  ['ls -la', "docker-bash -c 'ls -la' web"],
  ['cat a|wc', "docker-bash -c 'cat a|wc' web"],
  ["echo it's", "docker-bash -c 'echo it'\\''s' web"],
  ['cd', "docker-bash -c 'cd …' web"],
  ['export', "docker-bash -c 'export …' web"],
  ['--', 'docker-bash web ls'],
  ['/opt/x', 'docker-bash web ls -l /opt'],
  ['vim', "docker-bash -c 'echo $PATH' web"],
])('what %p should have been is said', (program, line) => {
  const error = notFound('web', program)
  expect(error).toMatchObject({ code: 127, message: `there is no ${program} in web` })
  expect(error.hint).toContain(line)
})

const unable = 'OCI runtime exec failed: exec failed: unable to start container process: '

test.each([
  [`${unable}exec: "ls": executable file not found in $PATH: unknown`, 'ls', 'program'],
  [`${unable}exec: "/nosuch": stat /nosuch: no such file or directory: unknown`, '/nosuch', 'program'],
  ['exec: "/nosuch": stat /nosuch: no such file or directory', '/nosuch', 'program'],
  ['executable file `nosuch` not found in $PATH: No such file or directory', 'nosuch', 'program'],
  ['executable file `/nosuch` not found: No such file or directory', '/nosuch', 'program'],
  ['exec /x: no such file or directory', '/x', 'program'],
  ['exec /usr/bin/x: no such file or directory\n', 'x', 'program'],
  [
    'container_linux.go:380: starting container process caused: exec: "x": executable file not found in $PATH',
    'x',
    'program',
  ],
  ['standard_init_linux.go:228: exec user process caused: no such file or directory', '/x', 'program'],
  [`${unable}exec: "/etc": permission denied: unknown`, '/etc', 'denied'],
  [`${unable}exec: "/etc": is a directory: unknown`, '/etc', 'denied'],
  ['OCI runtime exec failed: open executable: Permission denied: unknown', '/etc/passwd', 'denied'],
  ['open executable: Operation not permitted', '/etc', 'denied'],
  ['exec: No such file or directory', 'x', 'program'],
  ['exec: Exec format error', 'x', 'format'],
  ['exec /x: exec format error', '/x', 'format'],
  ['exec container process `/x`: Exec format error', '/x', 'format'],
  ['standard_init_linux.go:228: exec user process caused: exec format error', '/x', 'format'],
  [`${unable}chdir to cwd ("/nosuch") set in config.json failed: no such file or directory: unknown`, 'ls', 'folder'],
  ['unable to find user nosuch: no matching entries in passwd file', 'ls', 'user'],
  [`${unable}unable to setup user: unable to find user 0: read /etc/passwd: is a directory: unknown`, 'ls', 'user'],
  ['unable to find user root: read /x/merged/etc/passwd: is a directory', 'ls', 'user'],
  ['unable to find user nosuch', 'ls', 'user'],
  [`${unable}exec /bin/true: argument list too long: unknown`, '/bin/true', 'arguments'],
  [`${unable}open /proc/self/attr/keycreate: no such file or directory: unknown`, 'ls', 'other'],
  [`${unable}error closing exec fds: open /proc/self/fd: no such file or directory: unknown`, 'ls', 'other'],
  ['unable to get cgroup PIDs: open /sys/fs/cgroup/x/cgroup.procs: no such file or directory', 'ls', 'other'],
  ['writing to /proc/self/oom_score_adj: permission denied', 'ls', 'other'],
  ['fork/exec /proc/self/exe: resource temporarily unavailable', 'ls', 'other'],
])('a runtime says %j', (text, program, kind) => {
  expect(readFailure(text, program)).toBe(kind)
})

test('what runtimes write where the command would is known', () => {
  expect(isExecFailure('exec /x: no such file or directory\n')).toBe(true)
  expect(isExecFailure('exec ./x: exec format error\r\n')).toBe(true)
  expect(isExecFailure('exec: Exec format error\n')).toBe(true)
  expect(isExecFailure('executable file `x` not found in $PATH: No such file or directory\n')).toBe(true)
  for (const text of ['exec /x: no such file or directory\nmore\n', 'exec failed: x\n', 'ls: exec /x: no\n'])
    expect(isExecFailure(text)).toBe(false)
})
