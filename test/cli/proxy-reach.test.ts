/** Files and forwarding by OpenSSH's clients, by `docker-bash proxy`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { type SshClient, sshClient } from '../support/ssh-client'
import { wholeAndPart } from '../support/to-copy'
import { until } from '../support/until'

let client: SshClient
let web: Container
let echo: ChildProcess
beforeAll(async () => {
  client = await sshClient()
  // A network with nothing but its loopback.
  web = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none', Tmpfs: { '/fast': '' } } })
  const { Pid } = (await docker().inspect(web.id)).State
  // Gives back what comes, once all of it has come.
  const serve = (at: string) =>
    `net.createServer({ allowHalfOpen: true }, (c) => { const all = []; c.on('data', (d) => all.push(d)).on('end', () => c.end(Buffer.concat(all))) }).listen(${at})`
  const script = `const net = require('node:net'); ${serve("8000, '127.0.0.1'")}; ${serve(`'/proc/${Pid}/root/tmp/e.sock'`)}.on('listening', () => console.log(1))`
  echo = spawn('nsenter', [`--net=/proc/${Pid}/ns/net`, process.execPath, '-e', script])
  await once(echo.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(() => void echo.kill())

test('scp and sftp: both ways, into tmpfs, relative to home, resumed', async () => {
  const folder = wholeAndPart()
  const batch = ['pwd', 'reget home part', 'rename home other', 'ls -1', 'rm other', ''].join('\n')
  const { code, stdout, stderr } = await client.line(
    [
      'set -e',
      `scp -qr -F $cfg 'a b' ${web.name}.docker:/fast/`,
      `scp -qr -F $cfg tree ${web.name}.docker:`,
      `scp -q -F $cfg ${web.name}.docker:/fast/a\\ b back`,
      `scp -q -F $cfg back ${web.name}.docker:home`,
      `sftp -q -F $cfg -b - ${web.name}.docker <<<'${batch}'`,
      'cmp "a b" back; cmp "a b" part; echo same',
    ].join('\n'),
    { cwd: folder },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.toString()).toMatch(/Remote working directory: \/root\n(.*\n)*other\ntree\n(.*\n)*same\n$/)
})

test('files are its user’s, and no link leads out', async () => {
  const folder = scratch('links')
  writeFileSync(join(folder, 'secret'), 'of the host')
  writeFileSync(join(folder, 'mine'), 'mine')
  const inside = `ln -s ${folder}/secret /tmp/link; chmod 1777 /tmp; echo inside > /secret; chmod 600 /secret`
  expect((await client.ssh(web.name, [inside])).code).toBe(0)
  const get = await client.line(`scp -q -F $cfg ${web.name}.docker:/tmp/link got`, { cwd: folder })
  expect(get.code).toBe(1)
  expect(existsSync(join(folder, 'got'))).toBe(false)
  const as = await client.line(
    `scp -q -F $cfg mine nobody@${web.name}.docker:/tmp/mine && ssh -F $cfg ${web.name}.docker stat -c %U /tmp/mine; scp -q -F $cfg nobody@${web.name}.docker:/secret got`,
    { cwd: folder },
  )
  expect(as.stdout.toString()).toBe('nobody\n')
  expect(as.stderr).toMatch(/Permission denied/)
})

test('files of a container with nothing in it', async () => {
  const bare = await container({ image: 'bare' })
  const folder = scratch('bare')
  writeFileSync(join(folder, 'a'), 'a')
  const line = `scp -q -F $cfg a ${bare.name}.docker:/ && scp -q -F $cfg ${bare.name}.docker:/a b && cmp a b && echo same`
  expect((await client.line(line, { cwd: folder })).stdout.toString()).toBe('same\n')
  // Nor a line for its user, nor a place to write but one.
  const hostConfig = { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'mode=1777' } }
  const fixed = await container({ image: 'bare', user: '12345:23456', hostConfig })
  const batch = ['pwd', 'put a /tmp/a', 'rename /tmp/a /tmp/b', 'ls -ln /tmp', '-put a /a', ''].join('\n')
  const { code, stdout, stderr } = await client.line(`sftp -q -F $cfg -b - ${fixed.name}.docker <<<'${batch}'`, {
    cwd: folder,
  })
  expect({
    code,
    out: stdout
      .toString()
      .split('\n')
      .filter((text) => !text.startsWith('sftp>')),
  }).toEqual({
    ...{ code: 0, out: ['Remote working directory: /', expect.stringMatching(/ 12345 +23456 +1 .*\/tmp\/b$/), ''] },
  })
  expect(stderr).toMatch(/"\/a": (?:Read-only file system|Failure)/)
})

/** Sends all of stdin, and prints what comes behind its end. */
const ask = `const net = require('node:net')
const at = process.argv[2]
const socket = net.connect({ ...(/^\\d+$/.test(at) ? { port: Number(at), host: '127.0.0.1' } : { path: at }), allowHalfOpen: true })
socket.on('error', (error) => { console.log(error.code); process.exit(1) }).pipe(process.stdout)
process.stdin.pipe(socket)`

test('-L to its loopback and to its sockets, -W, -D: half-closes come through', async () => {
  const folder = scratch('forward')
  writeFileSync(join(folder, 'ask.cjs'), ask)
  const forwards = `-L 18300:localhost:8000 -L ${folder}/s.sock:/tmp/e.sock -D 18301 -L 18302:localhost:9 -L 18303:nobody.invalid:80`
  const each = [
    'for at in 18300 s.sock; do head -c 300000 /dev/zero | tr "\\0" x | node ask.cjs $at | wc -c; done',
    // SOCKS4a by hand: its answer is eight bytes.
    'printf "\\4\\1\\37\\100\\0\\0\\0\\1\\0localhost\\0hello" | node ask.cjs 18301 | tail -c 5; echo',
    'for at in 18302 18303; do node ask.cjs $at </dev/null; echo refused; done',
    `echo over | ssh -F $cfg -W localhost:8000 ${web.name}.docker`,
  ]
  const { stdout, stderr } = await client.line(
    [
      `ssh -F $cfg -o ControlPath=${folder}/c -o ExitOnForwardFailure=yes ${forwards} -MNf ${web.name}.docker`,
      ...each,
      `ssh -F $cfg -o ControlPath=${folder}/c -O exit ${web.name}.docker`,
    ].join('\n'),
    { cwd: folder },
  )
  expect(stderr).toBe('Exit request sent.\r\n')
  expect(stdout.toString().split('\n')).toEqual(['300000', '300000', 'hello', 'refused', 'refused', 'over', ''])
})

test('-R: a port and a socket in it are ours, and go with the connection', async () => {
  const path = join(scratch('reverse'), 'here')
  const server = createServer((socket) => socket.end('from here')).listen(path)
  try {
    const inside = 'echo | nc 127.0.0.1 9000; echo; stat -c "%a %F" /tmp/r.sock'
    const flags = ['-R', `9000:${path}`, '-R', `/tmp/r.sock:${path}`, '-R', `0:${path}`]
    const { code, stdout, stderr } = await client.ssh(web.name, [inside], { flags })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'from here\n600 socket\n' })
    expect(stderr).toMatch(/Allocated port \d+ for remote forward/)
    const after = await client.ssh(web.name, ['test -e /tmp/r.sock || nc 127.0.0.1 9000 || echo gone'])
    expect(after.stdout.toString()).toBe('gone\n')
  } finally {
    server.close()
  }
})

test('no program of ours is left when the proxy is killed', async () => {
  const { Pid } = (await docker().inspect(web.id)).State
  const control = join(client.home, 'killed')
  const flags = `-F $cfg -o ControlPath=${control} ${web.name}.docker`
  await client.line(
    `ssh -MNf -L 18310:localhost:8000 ${flags} 2>/dev/null; node -e 'net.connect(18310, "127.0.0.1").on("data", () => process.exit()).end("x")'; sftp -b - ${flags} <<<pwd >/dev/null`,
  )
  expect(helpers(Pid)).toContain('docker-bash-sockets')
  await client.line(`pkill -9 -f 'proxy ${web.name}.docker'; true`)
  await until(
    () => helpers(Pid).length === 0,
    10_000,
    () => helpers(Pid).join('; '),
  )
})

/** Programs of ours in the network or among the files of a container, by what they call themselves. */
function helpers(first: number): string[] {
  const spaces = ['net', 'mnt'].map((kind) => readlinkSync(`/proc/${first}/ns/${kind}`))
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const name = readFileSync(`/proc/${pid}/cmdline`, 'utf8').match(/docker-bash-(?:sockets|files)/)?.[0]
        const isInside = ['net', 'mnt'].some((kind) => spaces.includes(readlinkSync(`/proc/${pid}/ns/${kind}`)))
        return name && isInside ? [name] : []
      } catch {
        // It has ended.
        return []
      }
    })
}

test('a connection that stays leads into a container that was started anew', async () => {
  const again = await container({
    image: 'busybox',
    hostConfig: { NetworkMode: 'none' },
    cmd: ['nc', '-ll', '-p', '8001', '-e', 'echo', 'here'],
  })
  const by = `-S ${scratch('master')}/socket -F $cfg ${again.name}.docker`
  // Its listener is there again a moment later.
  const ask = `for n in $(seq 100); do ssh -W 127.0.0.1:8001 ${by} </dev/null 2>/dev/null && break; sleep 0.1; done`
  await client.line(`ssh -M -f -N ${by} >/dev/null 2>&1`)
  try {
    expect((await client.line(ask)).stdout.toString()).toBe('here\n')
    await docker().act('restart', again.id)
    expect((await client.line(ask)).stdout.toString()).toBe('here\n')
  } finally {
    await client.line(`ssh -O exit ${by}`)
  }
})
