/** How a forward begins, waits, goes on and ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { processes } from '../../scripts/proc.mjs'
import { type Running, run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { endWithTest } from '../support/end-with-test'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

/** Says `hello` to who comes, in the container's network; killed by the caller or with the test. */
async function serve(to: Container, port: number, say = 'hello', at = '127.0.0.1'): Promise<ChildProcess> {
  const { Pid } = (await docker().inspect(to.id)).State
  const script = `require('node:net').createServer((c) => c.end('${say}')).listen(${port}, '${at}', () => console.log(1))`
  const child = spawn('nsenter', [`--net=/proc/${Pid}/ns/net`, process.execPath, '-e', script])
  endWithTest(child)
  await once(child.stdout, 'data')
  return child
}

/** Command lines that name it: its name is nobody else's. */
const naming = ({ name }: Container) =>
  processes()
    .map(({ args }) => args.join(' '))
    .filter((line) => line.includes(name) && !line.includes('containerd'))

/** Resolves once its helper is there. */
const begun = ({ pid }: Running) =>
  until(
    () => processes().some(({ ppid, state }) => ppid === pid && state !== 'Z'),
    5_000,
    () => 'no helper',
  )

const apart = () => container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })

/** What the other end says, or the errno; asked where docker-bash is. */
const says = (port: number) => {
  const script = `
    let back = ''
    require('node:net').connect(${port}, '127.0.0.1').on('data', (chunk) => (back += chunk))
      .on('error', ({ code }) => console.log(code)).on('end', () => console.log(back))`
  return shell(`'${process.execPath}' -e "$SCRIPT"`, { env: { SCRIPT: script } }).then(({ stdout }) =>
    stdout.toString().trim(),
  )
}

test('nothing listens here while nothing listens there, and again when it ends', async () => {
  const web = await apart()
  const running = start(['forward', web.name, '18100:80'])
  await running.said(/ -> /)
  expect(await says(18100)).toBe('ECONNREFUSED')
  const server = await serve(web, 80)
  const isThere = async () => (await says(18100)) === 'hello'
  await until(isThere, 5_000, () => says(18100))
  server.kill('SIGKILL')
  await once(server, 'exit')
  // Who finds it out is reset; whoever comes after is refused.
  expect(await says(18100)).toBe('ECONNRESET')
  await until(
    async () => (await says(18100)) === 'ECONNREFUSED',
    2_000,
    () => says(18100),
  )
  running.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(0)
  const to = `${web.name}:127.0.0.1:80`
  const shut = `docker-bash: nothing listens at ${to}: until something does, 127.0.0.1:18100 refuses connections, too\n`
  expect(stderr).toBe(
    `${shut}docker-bash: 127.0.0.1:18100: a connection to ${to} failed: connect ECONNREFUSED\n${shut}`,
  )
})

test('--wait: the command runs once the port accepts, and not before', async () => {
  const web = await apart()
  const words = ['forward', '--wait', web.name, '18101:80', '--', process.execPath, '-e']
  const script = `let back = ''; require('node:net').connect(18101, '127.0.0.1').on('data', (c) => (back += c)).on('end', () => console.log(back))`
  const running = start([...words, script])
  const quiet = await Promise.race([running.said(/ -> /), serve(web, 80).then(() => 'serves')])
  expect(quiet).toBe('serves')
  const { code, stdout, stderr } = await running.ended
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    ...{ code: 0, stdout: `127.0.0.1:18101 -> ${web.name}:127.0.0.1:80\nhello\n`, stderr: '' },
  })
})

test('--wait: a server that takes one connection only still has it', async () => {
  const web = await container({
    image: 'busybox',
    hostConfig: { NetworkMode: 'none' },
    cmd: ['sh', '-c', 'echo once | nc -l -p 80; sleep 1000'],
  })
  const script = `let back = ''; const c = require('node:net').connect(18102, '127.0.0.1', () => c.end()).on('data', (d) => (back += d)).on('end', () => console.log(back))`
  const { stdout } = await run([
    'forward',
    '--wait',
    '--timeout',
    '10s',
    web.name,
    '18102:80',
    '--',
    process.execPath,
    '-e',
    script,
  ])
  expect(stdout.toString()).toMatch(/^once$/m)
})

test('--wait: a time limit, the end of the container, and what accepts nothing', async () => {
  const web = await apart()
  const late = await run(['forward', '--wait', '--timeout', '200ms', web.name, '0:80'])
  expect(late).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(`^docker-bash: ${web.name}:127.0.0.1:80 did not accept within 200ms\n`),
  })
  expect(late.stdout.toString()).toBe('')
  const udp = await run(['forward', '--wait', web.name, 'udp:0:80'])
  expect(udp).toMatchObject({ code: 125, stderr: expect.stringMatching('nobody accepts datagrams') })
  const running = start(['forward', '--wait', web.name, '0:80'])
  await begun(running)
  await docker().act('kill', web.id)
  expect(await running.ended).toMatchObject({ code: 255, stderr: expect.stringMatching('it has ended') })
})

test('--reconnect: waits for the container, and goes on by the same port, both ways', async () => {
  const web = await apart()
  const running = start(['forward', '--reconnect', web.name, '18103:80'])
  await running.said(/ -> /)
  const back = start(['forward', '-R', '--reconnect', web.name, '0:18104'])
  const [, port = ''] = /:(\d+) -> /.exec(await back.said(/ -> /)) ?? []
  await serve(web, 80, 'first')
  await until(
    async () => (await says(18103)) === 'first',
    5_000,
    () => says(18103),
  )
  await docker().act('kill', web.id)
  await running.said(/has ended; waiting until it runs again/, 'stderr')
  expect(await says(18103)).toBe('ECONNREFUSED')
  await docker().act('start', web.id)
  await Promise.all([running.said(/runs again/, 'stderr'), back.said(/runs again/, 'stderr')])
  await serve(web, 80, 'second')
  await until(
    async () => (await says(18103)) === 'second',
    5_000,
    () => says(18103),
  )
  const { Pid } = (await docker().inspect(web.id)).State
  const table = () => readFileSync(`/proc/${Pid}/net/tcp`, 'latin1')
  expect(table()).toMatch(`0100007F:${Number(port).toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`)
  for (const one of [running, back]) {
    one.kill('SIGTERM')
    expect((await one.ended).code).toBe(0)
  }
})

test('--reconnect: to an address of which it cannot be seen whether somebody listens', async () => {
  const web = await apart()
  const running = start(['forward', '--reconnect', web.name, '18109:127.0.0.2:80'])
  await running.said(/ -> /)
  await docker().act('kill', web.id)
  await running.said(/has ended; waiting until it runs again/, 'stderr')
  expect(await says(18109)).toBe('ECONNREFUSED')
  await docker().act('start', web.id)
  await running.said(/runs again/, 'stderr')
  await serve(web, 80, 'again', '127.0.0.2')
  await until(
    async () => (await says(18109)) === 'again',
    5_000,
    () => says(18109),
  )
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
})

test('-f: goes to the background when it listens, says how to end it, and leaves nothing', async () => {
  const web = await apart()
  await serve(web, 80)
  const { code, stdout, stderr } = await run(['forward', '-f', '--wait', web.name, '18105:80', '18106:80'])
  expect({ code, lines: stdout.toString() }).toEqual({
    code: 0,
    lines: [18105, 18106].map((port) => `127.0.0.1:${port} -> ${web.name}:127.0.0.1:80\n`).join(''),
  })
  const [, pid = ''] = /^docker-bash: in the background as PID (\d+); to end it: kill \1\n$/.exec(stderr) ?? []
  const heard = [await says(18105), await says(18106)]
  process.kill(Number(pid), 'SIGTERM')
  expect(heard).toEqual(['hello', 'hello'])
  await until(
    async () => (await says(18105)) === 'ECONNREFUSED',
    5_000,
    () => says(18105),
  )
  await until(
    () => naming(web).length === 0,
    5_000,
    () => naming(web).join(' '),
  )
})

test('-f: what cannot begin says why, and ends with that code; so for a command', async () => {
  const web = await apart()
  const wrong = await run(['forward', '-f', web.name, '0:nosuch:80'])
  expect(wrong).toMatchObject({ code: 125, stderr: expect.stringMatching('does not know the name nosuch') })
  expect(wrong.stderr).not.toMatch('background')
  expect(await run(['forward', '-f', web.name, '0:80', '--', 'true'])).toMatchObject({
    ...{ code: 125, stderr: expect.stringMatching('-f goes to the background') },
  })
  const waiting = start(['forward', '-f', '--wait', web.name, '0:80'])
  await begun(waiting)
  waiting.kill('SIGINT')
  expect((await waiting.ended).code).toBe(130)
  expect(naming(web)).toEqual([])
})

test('a full stdout is an error, a closed one is none', async () => {
  const web = await apart()
  for (const flag of ['', '--json']) {
    const full = await shell(`docker-bash forward ${flag} ${web.name} 0:80 > /dev/full`)
    expect(full).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/^docker-bash: stdout cannot be written: ENOSPC.*\n {2}.*\n$/m),
    })
  }
  const closed = await shell(`(docker-bash forward --json ${web.name} 18107:80 -- sh -c 'exit 3'; echo $? >&2) | true`)
  expect(closed.stderr).toMatch(/^3$/m)
  expect(closed.stderr).not.toMatch('written')
})

test('at a terminal: a line with connections and bytes, which stays', async () => {
  const web = await apart()
  await serve(web, 80)
  const terminal = await openTerminal({ columns: 100 })
  await terminal.type(`docker-bash forward ${web.name} 18108:80\n`)
  await terminal.until(/^127\.0\.0\.1:18108 -> /m, 20_000)
  expect(await says(18108)).toBe('hello')
  await terminal.until(/^ {2}127\.0\.0\.1:18108 {2}1 connection, 0 open; 0 B sent, 5 B received$/m)
  expect(await says(18108)).toBe('hello')
  await terminal.until(/^ {2}127\.0\.0\.1:18108 {2}2 connections, 0 open; 0 B sent, 10 B received$/m)
  await terminal.keys('C-c')
  const screen = await terminal.until(/^\$ $|^\$$/m)
  expect(screen.match(/received/g)).toHaveLength(1)
})

test('ctrl-c at its first line ends it, whatever else the machine does', async () => {
  const one = await apart()
  await serve(one, 8000)
  const ends = Array.from({ length: 24 }, async () => {
    const running = start(['forward', one.name, '0:8000'])
    await running.said(/ -> /)
    running.kill('SIGINT')
    return (await running.ended).code
  })
  expect(await Promise.all(ends)).toEqual(Array(24).fill(0))
})
