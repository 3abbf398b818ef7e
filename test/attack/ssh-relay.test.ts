/** What answers as a container's sshd is not inside that container: nothing of the user's reaches it. */
import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../support/cli'
import type { Container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch, sharedEngine } from '../support/engine'
import { within } from '../support/environment'
import { type Keyring, keyring } from '../support/keyring'
import { asNobody } from '../support/nobody'
import { waitGone } from '../support/processes'
import { sshdContainer, testKey, waitForLog } from '../support/sshd'
import { engineAtPort } from '../support/tcp-engine'
import { until } from '../support/until'

const port = 4251
engineAtPort(port)

const key = testKey()
const sh = async (id: string, script: string) => (await docker().inside(id, ['sh', '-c', script])).stdout
const addressOf = async (id: string) =>
  Object.values((await docker().inspect(id)).NetworkSettings.Networks)[0]?.IPAddress ?? ''

/** Whatever is said to it is said to another's port 2222, and back; with `-i` for one connection on its own streams. */
const relay = (to: string) => `#!/usr/bin/perl
use IO::Socket::INET; use IO::Select; $SIG{CHLD} = 'IGNORE';
if ("@ARGV" =~ /-T/) { exec "/usr/sbin/sshd.real", @ARGV }
sub join_up { my ($in, $out, $there) = @_; my $all = IO::Select->new($in, $there);
  while (1) { for my $one ($all->can_read) { sysread($one, my $bytes, 65536) or exit; syswrite($one == $there ? $out : $there, $bytes) } } }
sub there { IO::Socket::INET->new("${to}:2222") }
if ("@ARGV" =~ /-i/) { join_up(*STDIN, *STDOUT, there()) }
my $door = IO::Socket::INET->new(LocalPort => 2222, Listen => 9, ReuseAddr => 1); $| = 1; print "Server listening\\n";
while (my $here = $door->accept) { fork or join_up($here, $here, there()) }
`

let victim: Container
let hostile: Container
const user = keyring()

/** Has another's host keys to show, and hands everything on to it. */
beforeAll(async () => {
  victim = await sshdContainer({
    key,
    before: 'rm /etc/ssh/ssh_host_*; ssh-keygen -qA; echo Port 2222 >>/etc/ssh/sshd_config',
  })
  const publics = await sh(
    victim.id,
    'tar -C /etc/ssh -c ssh_host_ed25519_key.pub ssh_host_rsa_key.pub ssh_host_ecdsa_key.pub | base64',
  )
  const script = Buffer.from(relay(await addressOf(victim.id))).toString('base64')
  hostile = await sshdContainer({
    serve: false,
    before: [
      `echo '${publics}' | base64 -d | tar -C /etc/ssh -x`,
      'echo Port 2222 >>/etc/ssh/sshd_config; mv /usr/sbin/sshd /usr/sbin/sshd.real',
      `echo '${script}' | base64 -d >/usr/sbin/sshd; chmod 755 /usr/sbin/sshd; mkdir -p /run/sshd; /usr/sbin/sshd &`,
    ]
      .join('; ')
      .replace(/&$/, '& :'),
  })
  await waitForLog(hostile.id, /Server listening/)
  expect((await user.run(['key', 'install', victim.name])).code).toBe(0)
})

const leak = (name: string) => [name, 'sh', '-c', 'cat >/leaked; echo meant for another']

/** It does nothing, says why, and no word has reached the victim. */
async function expectRefused(by: Keyring['run'] | typeof run, args: readonly string[], options: object = {}) {
  const { code, stdout, stderr } = await by(args, { input: 'secret words\n', timeoutMs: 60_000, ...options })
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    code: 125,
    stdout: '',
    stderr: expect.stringMatching(/the login at .* is not inside /),
  })
  expect(await sh(victim.id, 'cat /leaked 2>&1')).toMatch(/No such file/)
}

test('a container that prints another one’s host key and relays port 22 there: key install proves nothing by it', async () => {
  const installed = await user.run(['key', 'install', hostile.name])
  expect({ code: installed.code, out: `${installed.stdout}${installed.stderr}` }).toEqual({
    code: 125,
    out: expect.stringMatching(/is not inside/),
  })
  expect(existsSync(join(user.data, 'enrolled', `${hostile.id}.json`))).toBe(false)
  expect(await sh(hostile.id, 'cat /root/.ssh/authorized_keys')).toBe('')
  await waitGone(victim.id, /docker-bash/)
})

test('enrolled all the same, no command runs in the other one, and no input reaches it', async () => {
  const note = readFileSync(join(user.data, 'enrolled', `${victim.id}.json`), 'utf8').replaceAll(victim.id, hostile.id)
  writeFileSync(join(user.data, 'enrolled', `${hostile.id}.json`), note)
  await expectRefused(user.run, leak(hostile.name))
  // The victim itself is entered as ever.
  expect((await user.run(['-v', victim.name, 'echo', 'in'])).stderr).toMatch(/by ssh/)
})

test('an agent’s keys, and those in ~/.ssh, are not offered to whatever a container points at', async () => {
  const said = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const env = { SSH_AUTH_SOCK: /SSH_AUTH_SOCK=([^;]+)/.exec(said)?.[1] }
  const agent = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1])
  try {
    execFileSync('ssh-add', ['-q', key.path], { env: { ...process.env, ...env } })
    const logins = async () => (await docker().logs(victim.id)).match(/Accepted publickey/g)?.length
    const before = await logins()
    const { code, stderr } = await keyring().run(['--via', 'ssh', hostile.name, 'true'], { env })
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: expect.stringMatching(/the agent’s keys .* are not offered/),
    })
    expect(await logins()).toBe(before)
    // The victim does hold the key that it shows.
    expect((await keyring().run(['--via', 'ssh', victim.name, 'true'], { env })).code).toBe(0)
  } finally {
    process.kill(agent)
  }
})

test('who is not root on the host sees it by a secret that the login cannot read', async () => {
  const data = scratch('nobody')
  const own = join(data, 'key')
  copyFileSync(key.path, own)
  for (const path of [data, own]) chownSync(path, 65534, 65534)
  const options = { env: { XDG_DATA_HOME: data }, under: asNobody() }
  const enter = ['--via', 'ssh', '-i', own]
  await expectRefused(run, [...enter, ...leak(hostile.name)], options)
  const entered = await run([...enter, victim.name, 'echo', 'in'], options)
  expect({ code: entered.code, stdout: entered.stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
  for (const { id } of [hostile, victim]) {
    await waitGone(id, /docker-bash/)
    const left = () => sh(id, 'ls -A /run /dev/shm /tmp | grep docker-bash; true')
    await until(
      async () => (await left()) === '',
      10_000,
      () => left(),
    )
  }
})

test('an sshd -i over an exec, of an engine elsewhere, is a relay no less', async () => {
  const options = { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } }
  await expectRefused(run, ['--via', 'ssh', '-i', key.path, ...leak(hostile.name)], options)
  const entered = await run(['--via', 'ssh', '-i', key.path, victim.name, 'echo', 'in'], options)
  expect({ code: entered.code, stdout: entered.stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
})

test('a root that is read-only has places for the secret still', async () => {
  const options = { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } }
  const made = await sshdContainer({ key, serve: false })
  const isAuthorised = async () =>
    (await docker().inside(made.id, ['test', '-s', '/root/.ssh/authorized_keys'])).code === 0
  await until(isAuthorised, 10_000, () => docker().logs(made.id))
  const image = (await docker().call('POST', `/commit?container=${made.id}`)) as { Id: string }
  const firm = await sshdContainer({
    serve: false,
    more: { Image: image.Id },
    hostConfig: { ReadonlyRootfs: true, Tmpfs: { '/run/sshd': 'mode=755' } },
  })
  const entered = await run(['--via', 'ssh', '-i', key.path, firm.name, 'echo', 'in'], options)
  expect({ code: entered.code, stdout: entered.stdout.toString(), stderr: entered.stderr }).toEqual({
    code: 0,
    stdout: 'in\n',
    stderr: '',
  })
})

test('a neighbour with the same host keys that has taken the address is sent nothing, and offered no key', async () => {
  const baked = await sshdContainer({ key })
  const other = await sshdContainer({ key, hostConfig: { CapAdd: ['NET_ADMIN'] } })
  const address = await addressOf(baked.id)
  const { Pid } = (await docker().inspect(other.id)).State
  const inOther = (...words: string[]) =>
    execFileSync('nsenter', [`--net=/proc/${Pid}/ns/net`, ...words], { encoding: 'utf8' })
  const mac = /link\/ether (\S+)/.exec(inOther('ip', '-o', 'link', 'show', 'eth0'))?.[1] ?? ''
  inOther('ip', 'address', 'add', `${address}/32`, 'dev', 'eth0')
  const neighbour = (...how: string[]) => {
    const [program = '', ...words] = within(sharedEngine(), ['ip', 'neigh', ...how, 'dev', 'docker0'])
    execFileSync(program, words)
  }
  neighbour('replace', address, 'lladdr', mac, 'nud', 'permanent')
  try {
    const enter = ['--via', 'ssh', '-i', key.path, ...leak(baked.name)]
    const { code, stdout, stderr } = await keyring().run(enter, { input: 'secret words\n' })
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/does not end in its network[\s\S]*neighbour has taken its address/),
    })
    expect(await sh(other.id, 'cat /leaked 2>&1')).toMatch(/No such file/)
    expect(await docker().logs(other.id)).not.toMatch(/Accepted publickey/)
  } finally {
    neighbour('del', address)
  }
})
