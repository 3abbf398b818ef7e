/** OpenSSH's clients into containers by `docker-bash gateway`: who comes in, what they may, what is told, how it ends. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { type Running, run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { root, scratch, sharedEngine } from '../support/engine'
import { waitForProcess, waitGone } from '../support/processes'
import { until } from '../support/until'

let web: Container
let apart: Container
let home: string
let gate: Running
let port: string
beforeAll(async () => {
  ensurePackages({ ssh: 'openssh-client', 'systemd-socket-activate': 'systemd' })
  home = scratch('gateway')
  for (const name of ['mine', 'forced', 'files', 'tied', 'other']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(home, name)])
  }
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', 'rsa', '-f', join(home, 'rsa')])
  writeFileSync(
    join(home, 'keys'),
    [
      line('mine'),
      line('rsa'),
      line('forced', 'command="echo $SSH_ORIGINAL_COMMAND; id -un"'),
      line('files', 'restrict,command="internal-sftp"'),
      line('tied', 'restrict,port-forwarding,permitopen="127.0.0.1:7",permitlisten="7000"'),
      line('other', 'principals="x"'),
      '',
    ].join('\n'),
    { mode: 0o600 },
  )
  // Their network is their loopback.
  web = await container({ image: 'debian', labels: { gate: 'open' } })
  apart = await container({ image: 'busybox' })
  gate = begin(['--allow', 'label:gate=open', '--allow', web.name, '--audit', join(home, 'audit')])
  port = /127\.0\.0\.1:(\d+)/.exec(await gate.said(/listening at .*\n/))?.[1] ?? ''
  const known = await run(['gateway', '--host-key', '--listen', port], { env: { HOME: home } })
  writeFileSync(join(home, 'known'), known.stdout)
})
afterAll(() => gate.kill('SIGTERM'))

const line = (name: string, options = '') => `${options} ${readFileSync(join(home, `${name}.pub`), 'utf8').trim()}`
const begin = (flags: readonly string[], env: Record<string, string> = {}) =>
  start(['gateway', '--listen', '127.0.0.1:0', '--authorized-keys', join(home, 'keys'), ...flags], {
    ...{ env: { HOME: home, ...env }, timeoutMs: 120_000 },
  })

/** A client's command line: `$s` are the flags that every one of them takes. */
async function by(key: string, text: string, at = port) {
  const flags = `-F none -o Port=${at} -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o BatchMode=yes`
  const files = `-i ${home}/${key} -o UserKnownHostsFile=${home}/known -o ControlPath=${home}/control`
  const { code, stdout, stderr } = await shell(`s='${flags} ${files}'; ${text}`, { cwd: home })
  return { code, stdout: stdout.toString(), stderr }
}
const audit = (name = 'audit') =>
  readFileSync(join(home, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text))

test('its key is known beforehand, and the same by ssh-keyscan; sessions, users, files', async () => {
  const scanned = await shell(`ssh-keyscan -t ed25519 -p ${port} 127.0.0.1 2>/dev/null`)
  expect(scanned.stdout.toString()).toBe(readFileSync(join(home, 'known'), 'utf8'))
  const words = [
    `ssh $s ${web.name}@127.0.0.1 'id -un; pwd'; echo "code $?"`,
    `ssh $s nobody%${web.name}@127.0.0.1 'id -un; exit 7'; echo "code $?"`,
    `echo text > up; scp -q $s up nobody%${web.name}@127.0.0.1:/tmp/up && sftp -q -b - $s ${web.name}@127.0.0.1 <<<'get /tmp/up down' >/dev/null; cat down`,
    `ssh -tt $s ${web.name}@127.0.0.1 tty </dev/null`,
  ]
  const { stdout } = await by('mine', words.join('\n'))
  expect(stdout).toMatch(/^root\n\/root\ncode 0\nnobody\ncode 7\ntext\n\/dev\/pts\/\d+\r\n$/)
})

test('no tools are brought along for others: what takes a shell that is not there is 127', async () => {
  const bare = await container({ image: 'bare', labels: { gate: 'open' } })
  const words = [`/bare print a`, `'/bare print a; true'`].map((said) => `ssh $s ${bare.name}@127.0.0.1 ${said}`)
  const { code, stdout, stderr } = await by('mine', words.join('\n'))
  expect({ code, stdout, stderr }).toMatchObject({
    code: 127,
    stdout: 'a\n',
    stderr: expect.stringMatching('has no shell'),
  })
})

test('the audit has each login, session and end: who, where, what, how; it is for nobody else to read', async () => {
  await by('mine', `ssh $s nobody%${web.name}@127.0.0.1 'printf "\\033"; exit 9'`)
  const isThere = () => audit().some((told) => told.event === 'left' && told.connection === last())
  const last = () => Math.max(...audit().map(({ connection = 0 }) => connection))
  await until(isThere, 5000, () => readFileSync(join(home, 'audit'), 'utf8'))
  const from = expect.stringMatching(/^127\.0\.0\.1 \d+$/)
  const where = { container: web.name, id: web.id }
  expect(audit().filter(({ connection }) => connection === last())).toMatchObject([
    { event: 'login', result: 'accepted', login: `nobody%${web.name}`, comment: 'mine', line: 1, from, ...where },
    { event: 'channel', kind: 'exec', what: 'printf "\\033"; exit 9', how: 'exit 9', ms: expect.any(Number) },
    { event: 'left', ...where },
  ])
  expect(audit()[0]).toMatchObject({
    event: 'note',
    text: expect.stringMatching(/keys, line 6 lets nobody in: .*principals/),
  })
  expect(statSync(join(home, 'audit')).mode & 0o777).toBe(0o600)
})

test('SSH_CONNECTION and SSH_CLIENT have both ends, as with sshd', async () => {
  const { stdout } = await by('mine', `ssh $s ${web.name}@127.0.0.1 'echo "$SSH_CONNECTION, $SSH_CLIENT"'`)
  const [, from] = /^127\.0\.0\.1 (\d+) /.exec(stdout) ?? []
  expect(stdout).toBe(`127.0.0.1 ${from} 127.0.0.1 ${port}, 127.0.0.1 ${from} ${port}\n`)
  const isTold = () => audit().some(({ event, from: told }) => event === 'login' && told === `127.0.0.1 ${from}`)
  await until(isTold, 5000, () => readFileSync(join(home, 'audit'), 'utf8'))
})

test('a full disk: a line of the audit is there whole or not at all, and who comes in comes in', async () => {
  const disk = scratch('disk')
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k,mode=700', 'none', disk])
  try {
    const name = join(disk, 'audit')
    // With the line of its start, the file's only page is full but for a hundred bytes or two.
    writeFileSync(name, `${JSON.stringify({ event: 'note', text: 'x'.repeat(3550) })}\n`, { mode: 0o600 })
    const full = begin(['--audit', name])
    const [, at] = /127\.0\.0\.1:(\d+)/.exec(await full.said(/listening at .*\n/)) ?? []
    const known = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`
    const login = () => by('mine', `ssh ${known} $s ${web.name}@127.0.0.1 echo in`, at)
    const refused = () => by('other', `ssh ${known} $s ${web.name}@127.0.0.1 true`, at)
    writeFileSync(join(disk, 'all'), 'x'.repeat(4096))
    expect((await login()).stdout).toBe('in\n')
    await full.said(/^docker-bash: a line of the audit is lost: .*no (?:room|space)/m, 'stderr')
    rmSync(join(disk, 'all'))
    await refused()
    const lines = () => readFileSync(name, 'utf8').split('\n').slice(0, -1)
    const last = () => JSON.parse(lines().at(-1) ?? '')
    await until(
      () => last().result === 'refused',
      5000,
      () => lines().join('\n'),
    )
    expect(lines().map((text) => JSON.parse(text).event)).toEqual(expect.arrayContaining(['listening', 'login']))
    // Another writer's half, as a crash leaves it, ends where ours begins.
    appendFileSync(name, '{"event":"ha')
    await refused()
    await until(
      () => last().result === 'refused' && lines().at(-2) === '{"event":"ha',
      5000,
      () => lines().join('\n'),
    )
    full.kill('SIGTERM')
    await full.ended
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

test('RSA signs by SHA-2 alone, and is told so', async () => {
  const ssh = (flags: string) => by('rsa', `ssh ${flags} $s ${web.name}@127.0.0.1 echo in`)
  const { stdout, stderr } = await ssh('-v')
  expect(stdout).toBe('in\n')
  expect(stderr).toMatch(/server-sig-algs=<ssh-ed25519,(?:ecdsa-sha2-nistp\d+,){3}rsa-sha2-512,rsa-sha2-256>/)
  expect((await ssh('-o PubkeyAcceptedAlgorithms=ssh-rsa')).stderr).toMatch(/Permission denied \(publickey\)/)
})

test('a key’s command runs instead of all else; one for files gives files alone', async () => {
  const forced = await by(
    'forced',
    `ssh $s ${web.name}@127.0.0.1 rm -r /; echo x > up; scp -q $s up ${web.name}@127.0.0.1:/up`,
  )
  expect(forced.stdout).toBe('rm -r /\nroot\n')
  expect(forced.code).not.toBe(0)
  const as = await by('forced', `ssh $s nobody%${web.name}@127.0.0.1 true`)
  expect(as.stderr).toMatch(/^docker-bash: a key with a command of its own comes in as the container’s own user\r\n/)
  const words = [
    `sftp -q -b - $s ${web.name}@127.0.0.1 <<<pwd`,
    // What it is sent is no packet.
    `echo | timeout 10 ssh $s ${web.name}@127.0.0.1 'touch /tmp/ran' | wc -c`,
    `ssh -tt $s ${web.name}@127.0.0.1 </dev/null 2>&1 >/dev/null | head -n 1`,
  ]
  const { stdout } = await by('files', words.join('\n'))
  expect(stdout).toMatch(/Remote working directory: \/root\n0\n(PTY allocation request failed on channel 0\r?\n)?$/)
  expect((await by('mine', `ssh $s ${web.name}@127.0.0.1 test -e /tmp/ran`)).code).toBe(1)
})

test('forwards go where a key permits it, and nowhere else', async () => {
  const words = [
    `ssh $s -W 127.0.0.1:8 ${web.name}@127.0.0.1`,
    `ssh $s -W 127.0.0.1:7 ${web.name}@127.0.0.1`,
    `ssh $s -o ExitOnForwardFailure=yes -N -R 7001:x:1 ${web.name}@127.0.0.1`,
    `ssh $s -o ExitOnForwardFailure=yes -fN -MS ${home}/over -R 7000:x:1 ${web.name}@127.0.0.1 && ssh -S ${home}/over -O exit x`,
  ]
  const { stderr } = await by('tied', words.join('\n'))
  expect(stderr.replaceAll('\r', '').split('\n')).toEqual([
    'channel 0: open failed: administratively prohibited: 127.0.0.1:8 is not permitted by the key',
    'stdio forwarding failed',
    // Nobody listens there.
    expect.stringMatching(/^channel 0: open failed: connect failed: .*ECONNREFUSED/),
    'stdio forwarding failed',
    'Error: remote port forwarding failed for listen port 7001',
    'Exit request sent.',
    '',
  ])
})

test('who leaves while a socket is made for it leaves none behind, and nobody who makes them', async () => {
  const before = audit().length
  // In one piece: the end comes while the engine is asked.
  const leaving = `
    const client = new (require('ssh2').Client)()
    const privateKey = require('fs').readFileSync('${home}/mine')
    client.connect({ host: '127.0.0.1', port: ${port}, username: '${web.name}', privateKey })
    client.on('ready', () => { client.forwardIn('127.0.0.1', 7100, () => undefined); client.end() })`
  await shell(`node -e "${leaving}"`, { cwd: root })
  const isOver = () =>
    audit()
      .slice(before)
      .filter(({ event }) => event === 'channel' || event === 'left').length > 1
  await until(isOver, 10_000, () => JSON.stringify(audit().slice(before)))
  const children = () => readFileSync(`/proc/${gate.pid}/task/${gate.pid}/children`, 'utf8')
  await until(
    () => children() === '',
    5000,
    () => `there are still ${children()}`,
  )
  // 7100, listened at
  expect((await by('mine', `ssh $s ${web.name}@127.0.0.1 'grep -c ":1BBC .* 0A " /proc/net/tcp'`)).stdout).toBe('0\n')
})

test('who has no key hears the same of every name; who has one hears what is wrong', async () => {
  const names = [web.name, apart.name, 'nowhere']
  const all = (key: string) => Promise.all(names.map((name) => by(key, `ssh $s ${name}@127.0.0.1 true`)))
  for (const [at, { code, stderr }] of (await all('other')).entries()) {
    expect({ code, stderr }).toEqual({
      ...{ code: 255, stderr: `${names[at]}@127.0.0.1: Permission denied (publickey).\r\n` },
    })
  }
  const [good, kept, missing] = await all('mine')
  expect(good?.code).toBe(0)
  expect(kept?.stderr).toMatch(`docker-bash: ${apart.name} is not among the containers that this gateway leads to\r\n`)
  // So one that is kept back is not told from one that is not there.
  expect(missing?.stderr).toBe(kept?.stderr.replaceAll(apart.name, 'nowhere'))
  const user = await by('mine', `ssh $s bob%${web.name}@127.0.0.1 true`)
  expect(user.stderr).toMatch(/^docker-bash: there is no user bob in /)
})

test('SIGTERM ends all sessions, with nothing left; systemd’s sockets; an engine that comes back; a limit; an old key', async () => {
  const socket = join(home, 'engine.sock')
  const flags = ['--audit', join(home, 'given'), '--logins-per-minute', '3', '-H', `unix://${socket}`]
  const given = start(['gateway', '--authorized-keys', join(home, 'keys'), ...flags], {
    under: ['systemd-socket-activate', '--listen=127.0.0.1:18422', ...['HOME', 'PATH'].flatMap((name) => ['-E', name])],
    env: { HOME: home },
    timeoutMs: 120_000,
  })
  await given.said(/Listening on 127\.0\.0\.1:18422/, 'stderr')
  writeFileSync(join(home, 'known'), readFileSync(join(home, 'known'), 'utf8').replace(/^.*? /, '* '))
  const ssh = (text: string) => by('mine', `ssh $s ${web.name}@127.0.0.1 ${text}`, '18422')
  const away = await ssh('true')
  expect(away.code).toBe(255)
  // Where it is reached is for whoever runs the gateway.
  expect(away.stderr.split('\r\n').slice(0, 2)).toEqual([
    'docker-bash: the engine behind this gateway does not answer as it should',
    '  whoever runs the gateway finds why in its audit',
  ])
  expect(away.stderr).not.toContain(socket)
  symlinkSync(sharedEngine().host.replace('unix://', ''), socket)
  expect(await ssh('echo back')).toMatchObject({ code: 0, stdout: 'back\n' })
  const session = ssh('sleep 4711')
  await waitForProcess(web.id, /^sleep 4711$/, 20_000)
  writeFileSync(join(home, 'keys'), '# none\n')
  for (let left = 3; left > 0; left--) expect((await ssh('true')).stderr).toMatch(/Permission denied/)
  expect((await ssh('true')).stderr).toMatch(/too many logins a minute fail/)
  const tries = audit('given').filter(({ event, result }) => event === 'login' && result === 'refused')
  expect(tries.map(({ why }) => why)).toEqual([
    `no engine at unix://${socket} (from -H): there is no such socket`,
    ...['no key fits', 'no key fits', 'no key fits', 'too many logins a minute fail'],
  ])
  given.kill('SIGTERM')
  expect(await given.ended).toMatchObject({ code: 0, signal: null })
  expect((await session).code).toBe(255)
  await waitGone(web.id, /^sleep 4711$/, 10_000)
  expect(audit('given').at(-1)).toMatchObject({ event: 'left', container: web.name })
})

test('the units of docs/gateway.md are as systemd wants them', async () => {
  const [socket = '', service = ''] = Array.from(
    readFileSync(join(root, 'docs/gateway.md'), 'utf8').matchAll(/^```ini\n(.*?)^```/gms),
    ([, text]) => text,
  )
  const units = join(scratch('units'), 'docker-bash-gateway')
  writeFileSync(`${units}.socket`, socket)
  writeFileSync(`${units}.service`, service.replace('/usr/bin/docker-bash', join(root, 'bin/run.js')))
  const { code, stdout, stderr } = await shell(`systemd-analyze verify --man=no ${units}.socket ${units}.service`)
  expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: '' })
})

test('what is wrong at the start is said, and nothing listens', async () => {
  const said = async (words: readonly string[]) => {
    const { code, stderr } = await run(['gateway', ...words], { env: { HOME: home } })
    return { code, stderr: stderr.split('\n')[0] }
  }
  const keys = ['--authorized-keys', join(home, 'mine.pub')]
  expect(await said([])).toEqual({
    code: 125,
    stderr: 'docker-bash: gateway lets in who has a key, and no keys are named',
  })
  expect(await said(['--listen', 'nowhere', ...keys])).toMatchObject({ code: 125 })
  expect(await said(['--listen', port, ...keys])).toMatchObject({
    stderr: expect.stringMatching(/^docker-bash: cannot listen at 127/),
  })
  expect(await said(['--audit', '/dev/null', ...keys])).toMatchObject({ code: 125 })
})
