/** Ports, sockets and the agent by `docker-bash proxy` of somebody who is not root on the engine's host. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beside, noneBeside } from '../support/beside'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { asNobody, configOfNobody, withoutPerl } from '../support/nobody'
import { type SshClient, sshClient } from '../support/ssh-client'
import { askAgent, listensAndCancels } from '../support/ssh-requests'

/** Gives back what comes, once all of it has come. */
const serve = (at: string) =>
  `require('node:net').createServer({ allowHalfOpen: true }, (c) => { const all = []; c.on('data', (d) => all.push(d)).on('end', () => c.end(Buffer.concat(all))) }).listen(${at})`

/** Sends all of stdin, and prints what comes behind its end. */
const ask = `const net = require('node:net')
const at = process.argv[2]
const socket = net.connect({ ...(/^\\d+$/.test(at) ? { port: Number(at), host: '127.0.0.1' } : { path: at }), allowHalfOpen: true })
socket.on('error', (error) => { console.log(error.code); process.exit(1) }).pipe(process.stdout)
process.stdin.pipe(socket)`

/** Answers each at a Unix socket with the user and the group that the kernel says it is (SO_PEERCRED). */
const sayWho = `use Socket; my $at = shift; unlink $at; socket(my $s, 1, 1, 0); bind($s, pack_sockaddr_un($at)) or die $!; chmod 0777, $at; listen($s, 9); syswrite STDOUT, "ready\\n"; while (accept(my $c, $s)) { my (undef, @who) = unpack("i3", getsockopt($c, 1, 17)); syswrite $c, "@who\\n" }`

let client: SshClient
let web: Container
let config: string
const children: ChildProcess[] = []

/** A program in the network of a container, or in all of it, once it has said something. */
async function inside({ id }: Container, words: readonly string[], flags = ['--net']): Promise<ChildProcess> {
  const { Pid } = (await docker().inspect(id)).State
  const child = spawn('nsenter', ['--target', String(Pid), ...flags, ...words])
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

beforeAll(async () => {
  client = await sshClient()
  config = configOfNobody()
  // A network with nothing but its loopback.
  web = await container({ image: 'debian', hostConfig: { NetworkMode: 'none' } })
  const script = `${serve("8000, '127.0.0.1'")}.on('listening', () => console.log(1))`
  await inside(web, [process.execPath, '-e', script])
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** By a master connection, for as long as the lines take. */
function overMaster(forwards: string, lines: readonly string[], { folder = scratch('beside'), user = '' } = {}) {
  writeFileSync(join(folder, 'ask.cjs'), ask)
  const flags = `-F ${config} -o ControlPath=${folder}/c`
  return client.line(
    [
      `ssh ${flags} -o ExitOnForwardFailure=yes ${forwards} -MNf ${user}${web.name}`,
      ...lines,
      `ssh ${flags} -O exit ${web.name}`,
    ].join('\n'),
    { cwd: folder },
  )
}

test('-L, -W, -D: half-closes come through, what is refused is refused, nothing is left', async () => {
  const { stdout, stderr } = await overMaster(
    '-L 18400:localhost:8000 -D 18401 -L 18402:localhost:9 -L 18403:nobody.invalid:80',
    [
      'head -c 3000000 /dev/zero | tr "\\0" x | node ask.cjs 18400 | wc -c',
      'printf "\\4\\1\\37\\100\\0\\0\\0\\1\\0localhost\\0hello" | node ask.cjs 18401 | tail -c 5; echo',
      'for at in 18402 18403; do node ask.cjs $at </dev/null; echo refused; done',
      `echo over | ssh -F ${config} -W localhost:8000 ${web.name}`,
    ],
  )
  expect(stderr).toMatch(/Exit request sent\.\r\n/)
  expect(stdout.toString().split('\n')).toEqual(['3000000', 'hello', 'refused', 'refused', 'over', ''])
  await noneBeside(web)
})

test('Unix sockets are connected to as the session’s user', async () => {
  await inside(web, ['perl', '-e', sayWho, '/tmp/who.sock'], ['--net', '--mount'])
  await client.line(`ssh -F ${config} ${web.name} 'touch /root/x; mkdir -m 700 /closed; ln -s /tmp/who.sock /closed/s'`)
  const lines = ['who', 'closed'].map((name) => `node ask.cjs ${name} </dev/null || echo refused`)
  for (const [user, uid, closed] of [
    ['', '0 0', '0 0'],
    ['nobody@', '65534 65534', undefined],
  ]) {
    const folder = scratch('who')
    const forwards = ['who:/tmp/who.sock', 'closed:/closed/s'].map((one) => `-L ${folder}/${one}`)
    const { stdout } = await overMaster(forwards.join(' '), lines, { folder, user: user ?? '' })
    expect({ user, said: stdout.toString() }).toEqual({
      ...{ user, said: [uid, ...(closed ? [closed] : []), ''].join('\n') },
    })
  }
  await noneBeside(web)
})

test('-R: a port and a socket in it are ours, below 1024 and with its origin, and go with the connection', async () => {
  const path = join(scratch('reverse'), 'here')
  const server = createServer((socket) => socket.end('from here')).listen(path)
  try {
    const words = [
      ...['-R', `900:${path}`, '-R', `/tmp/r.sock:${path}`, '-R', `0:${path}`, '-v', `nobody@${web.name}`],
      `perl -MIO::Socket::INET -e 'print readline(IO::Socket::INET->new("127.0.0.1:900"))'; echo; stat -c "%a %U %F" /tmp/r.sock`,
    ]
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
    const { code, stdout, stderr } = await client.line(`ssh -F ${config} ${quoted}`)
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'from here\n600 nobody socket\n' })
    expect(stderr).toMatch(/Allocated port \d+ for remote forward/)
    expect(stderr).toMatch(
      /client_request_forwarded_tcpip: listen localhost port 900, originator 127\.0\.0\.1 port \d\d/,
    )
    const after = await client.line(
      `ssh -F ${config} ${web.name} 'ls /tmp/r.sock 2>&1; grep -c ":0384 00000000:0000 0A" /proc/net/tcp'`,
    )
    expect(after.stdout.toString()).toMatch(/No such file.*\n0\n$/)
  } finally {
    server.close()
  }
})

test('listeners in it go when they are cancelled; the connection goes on', async () => {
  const folder = scratch('cancel')
  const flags = `-F ${config} -o ControlPath=${folder}/c ${web.name}`
  expect(await listensAndCancels(client, flags)).toEqual(['1', 'socket', '0', ''])
})

test('-A: the client’s agent, by a socket of the session’s user that goes with it', async () => {
  const line = [
    'eval $(ssh-agent) >/dev/null',
    `ssh -A -F ${config} nobody@${web.name} '${askAgent}'`,
    `ssh -F ${config} ${web.name} 'echo "<$SSH_AUTH_SOCK>"; ls -d /tmp/ssh-*'`,
    'ssh-agent -k >/dev/null',
  ].join('\n')
  expect((await client.line(line)).stdout.toString()).toBe('0c\n600 nobody\n700 nobody\n<>\n')
})

test('killed, it leaves no container beside and no socket’s file', async () => {
  const control = join(scratch('killed'), 'c')
  const flags = `-F ${config} -o ControlPath=${control} ${web.name}`
  const forwards = '-R 9005:localhost:9 -R /tmp/k.sock:localhost:9'
  await client.line(`ssh -MNf ${flags} 2>/dev/null; ssh -O forward ${forwards} ${flags}`)
  const caps = await Promise.all(
    (await beside(web)).map(async (name) => (await docker().inspect(name.slice(1))).HostConfig.CapAdd?.join(' ')),
  )
  expect(caps.sort()).toEqual(['NET_BIND_SERVICE', 'SYS_PTRACE SYS_CHROOT DAC_OVERRIDE SETUID SETGID'])
  await client.line(`pkill -9 -f 'proxy ${web.name}$'; true`)
  await noneBeside(web)
  const { stdout } = await client.line(`ssh -F ${config} ${web.name} 'test -e /tmp/k.sock || echo gone'`)
  expect(stdout.toString()).toBe('gone\n')
})

test('of a container with the processes of another one no socket is reached, ports are', async () => {
  const one = await container({
    image: 'debian',
    hostConfig: { NetworkMode: `container:${web.id}`, PidMode: `container:${web.id}` },
  })
  const { stdout, stderr } = await client.line(
    [
      `echo port | ssh -F ${config} -W localhost:8000 ${one.name}`,
      `ssh -A -F ${config} ${one.name} 'echo "<$SSH_AUTH_SOCK>"'`,
      `ssh -F ${config} -o ExitOnForwardFailure=yes -R /tmp/p.sock:localhost:9 ${one.name} true; echo $?`,
    ].join('\n'),
  )
  expect({ stdout: stdout.toString(), stderr }).toEqual({
    ...{ stdout: 'port\n<>\n255\n', stderr: expect.stringMatching(/remote port forwarding failed/) },
  })
  await noneBeside(one)
})

test('without a perl on this host it is refused, and that is said; explain says what ssh gets', async () => {
  const none = configOfNobody(withoutPerl)
  const { code, stderr } = await client.line(`ssh -F ${none} -W localhost:8000 ${web.name} </dev/null`)
  expect(code).toBe(255)
  expect(stderr).toMatch(
    /cannot be entered: that takes root on the engine.*s host, or a perl on this one to bring along/,
  )
  const told = async (before: readonly string[]) =>
    (await run(['explain', web.name], { under: [...before, ...asNobody()] })).stdout.toString()
  expect(await told([])).toMatch(/ssh .*\.docker: .*; ports and sockets by a container beside it\n/)
  expect(await told(withoutPerl)).toMatch(
    /no ports, no sockets: that takes root on the engine.*, or a perl on this one\n/,
  )
})
