/** Containers with users of their own (`--userns-remap`): each way in enters their user namespace too. */
import { chownSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readProc } from '../../src/lib/host/proc'
import { quoteAll } from '../../src/lib/text/quote'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { type Docker, docker } from '../support/docker-api'
import { type Engine, scratch } from '../support/engine'
import { describeInside } from '../support/insides'
import { asNobody } from '../support/nobody'
import { waitForProcess } from '../support/processes'
import { remapped, remappedEngine } from '../support/remapped'
import { sshClient } from '../support/ssh-client'

let place: Engine
let api: Docker
let subject: Container
beforeAll(async () => {
  place = await remappedEngine(['debian', 'busybox'])
  api = docker(place.host)
  subject = await container({ image: 'debian', on: api, hostConfig: { CapDrop: ['MKNOD'], CapAdd: ['NET_ADMIN'] } })
})

const ways = {
  runc: ['--via', 'runc'],
  nsenter: ['--via', 'nsenter'],
  'nsenter from a helper': ['--via', 'nsenter', '--helper'],
}

test('explain shows every way but ssh, and whose the users are', async () => {
  const text = (await run(['explain', subject.name], { place })).stdout.toString()
  for (const via of ['runc', 'exec', 'nsenter']) expect(text).toMatch(new RegExp(`✓ ${via} `))
  expect(text).toMatch(`user 0 is ${remapped.first}, ${remapped.count} of them`)
})

test.each(Object.entries(ways))('%s gives what exec gives: users, capabilities, namespaces', async (_, flags) => {
  for (const user of [[], ['-u', 'games']]) {
    const exec = await run(['--via', 'exec', ...user, subject.name, ...describeInside], { place })
    const other = await run([...flags, ...user, subject.name, ...describeInside], { place })
    expect({ code: other.code, stderr: other.stderr }).toEqual({ code: 0, stderr: '' })
    expect(other.stdout.toString().replace(/^Seccomp:\t0$/m, 'Seccomp:\t2')).toBe(exec.stdout.toString())
    expect(exec.stdout.toString()).toMatch(/^CapBnd:\t0*[1-9a-f]/m)
  }
})

test.each(Object.entries({ ...ways, exec: ['--via', 'exec'], debug: ['--via', 'debug'] }))(
  'by %s root inside is root there, and a number like any other on the host',
  async (_, flags) => {
    const words = ['-c', 'touch /made; ls -n /made; rm /made; cat /proc/self/uid_map; exec sleep 7401']
    const running = start([...flags, ...words, subject.name], { place })
    const sleeper = await waitForProcess(subject.id, /^(?:\S*\/)?sleep 7401$/, 20_000, api)
    expect(statSync(`/proc/${sleeper.pid}`).uid).toBe(remapped.first)
    expect(/^Uid:\s+(\d+)/m.exec(readProc(sleeper.pid, 'status') ?? '')?.[1]).toBe(String(remapped.first))
    running.kill('SIGTERM')
    const { code, stdout } = await running.ended
    expect(code).toBe(143)
    expect(stdout.toString()).toMatch(/^-rw-r--r-- +1 +0 +0 /)
    expect(stdout.toString().trim()).toMatch(new RegExp(`\\b0 +${remapped.first} +${remapped.count}$`))
  },
)

test.each(Object.entries(ways))('by %s a terminal is the user’s own', async (_, flags) => {
  const { stdout } = await run(['-t', ...flags, subject.name, 'sh', '-c', 'tty; stat -c %u $(tty); echo x >$(tty)'], {
    place,
  })
  expect(stdout.toString()).toBe('/dev/pts/0\r\n0\r\nx\r\n')
})

test('nothing of the host’s root is in reach: what only it may is refused', async () => {
  for (const flags of Object.values(ways)) {
    const script = 'mount -t tmpfs none /mnt || echo refused; echo 1 >/proc/sys/kernel/sysrq || echo refused'
    const { stdout } = await run([...flags, '-c', script, subject.name], { place })
    expect(stdout.toString()).toBe('refused\nrefused\n')
  }
})

test('cp: what comes in is root’s inside, and an owner by number is one of its own', async () => {
  const folder = scratch('cp-users')
  writeFileSync(join(folder, 'file'), 'x')
  const words = [['file'], ['--chown', '55:66', 'file']]
  for (const [at, flags] of words.entries()) {
    const [source = '', ...rest] = [...flags].reverse()
    const { code, stderr } = await run(['cp', ...rest.reverse(), join(folder, source), `${subject.name}:/cp-${at}`], {
      place,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }
  const { stdout } = await run([subject.name, 'stat', '-c', '%u:%g', '/cp-0', '/cp-1'], { place })
  expect(stdout.toString()).toBe('0:0\n55:66\n')
  expect((await run(['cp', `${subject.name}:/cp-1`, join(folder, 'back')], { place })).code).toBe(0)
  expect(statSync(join(folder, 'back')).uid).toBe(process.getuid?.())
})

test.each([
  ['as root', () => []],
  ['without root', () => asNobody(place.host)],
])('a socket that forward -R makes in it %s belongs to its root, and to nobody else', async (_, who) => {
  const running = start(['forward', '-R', subject.name, '/tmp/own.sock:9'], { place, under: who() })
  await running.said(/ -> /)
  const inside = await run([subject.name, 'stat', '-c', '%a %u %g', '/tmp/own.sock'], { place })
  expect(inside.stdout.toString()).toBe('600 0 0\n')
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
  expect((await run([subject.name, 'ls', '/tmp'], { place })).stdout.toString()).toBe('')
})

test('files by sftp without root are its root’s, and it may no more than that', async () => {
  const folder = scratch('sftp-users')
  writeFileSync(join(folder, 'file'), 'x')
  const home = scratch('sftp-home')
  chownSync(home, 65534, 65534)
  const proxy = quoteAll([...asNobody(place.host), `HOME=${home}`, `DOCKER_HOST=${place.host}`, 'docker-bash', 'proxy'])
  const options = `-o 'ProxyCommand=${proxy} %n' -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`
  const line = `sftp -q ${options} -b - docker-bash@${subject.name} <<<$'put file /by-sftp\nchown 55 /by-sftp\nget /by-sftp back'`
  const { code, stderr } = await (await sshClient()).line(line, { cwd: folder })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const { stdout } = await run([subject.name, 'stat', '-c', '%u:%g', '/by-sftp'], { place })
  expect(stdout.toString()).toBe('55:0\n')
})
