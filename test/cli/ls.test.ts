/** `docker-bash ls`: what a look at each container tells, from its own host and through the engine. */
import { chmodSync, truncateSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { type RunOptions, run, shell } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { type Engine, images, importImage, privateEngine, scratch } from '../support/engine'
import { keyring } from '../support/keyring'
import { sshdContainer, testKey } from '../support/sshd'
import { openTerminal } from '../support/tmux'

type Row = Record<string, unknown> & { name: string }
const rows = async (args: string[], options: RunOptions = {}) => {
  const { code, stdout, stderr } = await run(['ls', '--json', ...args], { timeoutMs: 60_000, ...options })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout.toString()) as Row[]
}
const one = async ({ name }: Container, options: RunOptions = {}) =>
  (await rows(['--all', '--filter', `name=^/${name}$`], options))[0]
const key = testKey()

describe('each column', () => {
  test('shell: what a session would begin with, the label and the setting too; none', async () => {
    const debian = await container({ image: 'debian' })
    expect(await one(debian)).toMatchObject({ shell: '/bin/bash', sshd: 'none', keys: [], via: 'runc' })
    expect(await one(debian, { env: { DOCKER_BASH_SHELL: 'zsh' } })).toMatchObject({ shell: '/bin/zsh' })
    expect(await one(debian, { env: { DOCKER_BASH_VIA: 'exec' } })).toMatchObject({ via: 'exec' })
    const labelled = await container({ image: 'debian', labels: { 'docker-bash.shell': '/bin/dash' } })
    expect(await one(labelled)).toMatchObject({ shell: '/bin/dash' })
    const bare = await container({ image: 'bare' })
    expect(await one(bare)).toMatchObject({ shell: '', sshd: 'none', via: 'debug' })
  })
  test("the shell of the container's own user", async () => {
    const add = 'echo "app:x:1000:1000::/tmp:/bin/zsh" >>/etc/passwd'
    const made = await container({ image: 'debian', user: '1000' })
    await docker().inside(made.id, ['sh', '-c', add], '0')
    expect(await one(made)).toMatchObject({ shell: '/bin/zsh' })
  })
  test('sshd: where it listens, that nothing listens; whose key is in', async () => {
    const up = await sshdContainer({ key })
    expect(await one(up)).toMatchObject({ sshd: 'listens', port: 2222, keys: ['test'] })
    const silent = await sshdContainer({ serve: false })
    expect(await one(silent)).toMatchObject({ sshd: 'silent', keys: [] })
    const me = keyring()
    expect((await me.run(['key', 'install', up.name])).code).toBe(0)
    const mine = await one(up, { env: { XDG_DATA_HOME: join(me.home, 'data') } })
    expect(mine).toMatchObject({ via: 'ssh', keys: expect.arrayContaining([...me.keys(), 'test']) })
  })
  test('a damaged note is told of and passed over: each other container is as it was', async () => {
    const [whole, torn] = [await sshdContainer({ key }), await sshdContainer({ key })]
    const me = keyring()
    for (const { name } of [whole, torn]) expect((await me.run(['key', 'install', name])).code).toBe(0)
    const mine = [whole, torn].flatMap(({ name }) => ['--filter', `name=${name}`])
    const data = join(me.home, 'data')
    const paths = ['enrolled', 'hosts'].map((room) => join(data, 'docker-bash', room, `${torn.id}.json`))
    for (const path of paths) truncateSync(path, 20)
    const { code, stdout, stderr } = await run(['ls', '--json', ...mine], {
      timeoutMs: 60_000,
      env: { XDG_DATA_HOME: data },
    })
    const rows = JSON.parse(stdout.toString()) as Row[]
    expect({ code, ...rows.find(({ name }) => name === whole.name) }).toMatchObject({ code: 0, via: 'ssh' })
    expect(rows.find(({ name }) => name === torn.name)).toMatchObject({ sshd: 'listens', via: 'runc' })
    const said = paths.map((path) => [
      `docker-bash: ${path} is damaged: it is not valid JSON`,
      `  look at it, then remove it: rm ${path}`,
    ])
    expect(stderr.trim().split('\n')).toEqual(said.flat())
    const listed = await me.run(['key', 'list'])
    expect(listed).toMatchObject({ code: 0, stderr: expect.stringMatching(`${torn.id}.json is damaged`) })
    expect(listed.stdout.toString()).toMatch(whole.name)
    // All would not be all.
    expect(await me.run(['key', 'revoke', '--all'])).toMatchObject({
      code: 125,
      stderr: expect.stringMatching('is damaged'),
    })
  })
  test('what does not run: not known, but for the state and the way in', async () => {
    const made = await container({ image: 'debian', start: false })
    const seen = await one(made)
    expect(seen).toMatchObject({ state: 'created', via: 'debug', enter: `docker start ${made.name}` })
    expect(seen).not.toHaveProperty('shell')
    const { stdout } = await run(['ls', '-a'])
    const line = stdout
      .toString()
      .split('\n')
      .find((text) => text.startsWith(made.name))
    expect(line?.split(/ {2,}/)).toEqual([
      made.name,
      made.id.slice(0, 12),
      images.debian,
      'created',
      '-',
      '?',
      '?',
      '?',
      'debug',
    ])
  })
})

test("--filter is docker's; --all", async () => {
  const up = await container({ image: 'busybox', labels: { 'ls.test': 'filter' } })
  const down = await container({ image: 'busybox', labels: { 'ls.test': 'filter' }, start: false })
  const names = async (...args: string[]) =>
    (await rows(['--filter', 'label=ls.test=filter', ...args])).map(({ name }) => name)
  expect(await names()).toEqual([up.name])
  expect((await names('--all')).sort()).toEqual([up.name, down.name].sort())
  expect(await names('--filter', 'status=created')).toEqual([down.name])
})

test('at a terminal every line fits, and what is least important goes first; in a pipe nothing is cut', async () => {
  const name = `a-name-that-is-much-longer-than-others-${Date.now()}`
  await container({ image: 'debian', name })
  for (const columns of [80, 50, 160]) {
    const at = await openTerminal({ columns, rows: 60, command: ['docker-bash', 'ls', '--filter', `name=${name}`] })
    const [head = '', line = ''] = (await at.until(/\n.* runc$/m, 30_000)).split('\n')
    const shown = head.split(/ +/)
    expect(shown.slice(0, 3).join()).toBe(columns > 80 ? 'NAME,ID,IMAGE' : 'NAME,IMAGE,STATE')
    expect(shown.includes('ADDRESS')).toBe(columns > 50)
    expect(line).toMatch(columns > 80 ? name : /^a-name-.*…/)
    expect(line).toMatch(/bash +- +(- +)?runc$/)
  }
  const { stdout } = await run(['ls', '--filter', `name=${name}`])
  expect(stdout.toString()).toMatch(name)
})

test('foreign text is harmless, as JSON too', async () => {
  const hostile = '\u001b]0;owned\u0007\u202e'
  const made = await container({
    image: 'debian',
    labels: { 'docker-bash.shell': hostile, 'com.docker.compose.service': hostile },
  })
  for (const args of [[], ['--json']]) {
    const { stdout, code } = await run(['ls', ...args, '--filter', `name=${made.name}`])
    expect(code).toBe(0)
    expect(stdout.toString()).not.toMatch(/[\u001b\u0007\u202e]/)
  }
  expect(await one(made)).toMatchObject({ service: hostile, shell: '/bin/bash' })
})

describe('the questions it costs', () => {
  let engine: Engine
  const many = 20
  beforeAll(async () => {
    engine = await privateEngine(['busybox', 'debian'])
    await importImage(engine.host, 'bare')
    const on = docker(engine.host)
    await Promise.all(Array.from({ length: many - 2 }, () => container({ image: 'debian', on })))
    await container({ image: 'busybox', on })
    await container({ image: 'bare', on })
  })

  /** What is asked of the engine meanwhile, and how many questions at once. */
  async function counted(under: string[]) {
    const asked: string[] = []
    let now = 0
    let most = 0
    const socketPath = engine.host.replace('unix://', '')
    const server = createServer((question, answer) => {
      const { method, url: path, headers } = question
      asked.push(`${method} ${path?.replace(/^\/v[\d.]+/, '').replace(/[0-9a-f]{64}/, 'ID')}`)
      most = Math.max(most, ++now)
      answer.once('close', () => now--)
      question.pipe(
        request({ socketPath, method, path, headers }, (theirs) => {
          answer.writeHead(theirs.statusCode ?? 500, theirs.headers)
          theirs.pipe(answer)
        }),
      )
    })
    const folder = scratch('counted')
    chmodSync(folder, 0o755)
    const path = join(folder, 'socket')
    await new Promise<void>((ready) => server.listen(path, ready))
    chmodSync(path, 0o666)
    const { code, stdout, stderr } = await run(['ls', '--json'], {
      place: engine,
      env: { DOCKER_HOST: `unix://${path}`, HOME: '/nonexistent' },
      cwd: '/',
      under,
      timeoutMs: 60_000,
    })
    server.close()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return { asked, most, seen: JSON.parse(stdout.toString()) as Row[] }
  }

  test('root on the host: the list alone', async () => {
    const { asked, seen } = await counted([])
    expect(asked).toEqual([expect.stringMatching(/^GET \/containers\/json(?:\?|$)/)])
    expect(seen.map(({ shell: found }) => found).sort()).toEqual(['', ...Array(many - 2).fill('/bin/bash'), '/bin/sh'])
  })
  test('others: two small questions a container, sixteen containers at a time, and no file is read', async () => {
    const { asked, most, seen } = await counted(['setpriv', '--reuid', '65534', '--clear-groups', '--inh-caps=-all'])
    const heads = asked.filter((line) => line.startsWith('HEAD /containers/ID/archive?'))
    // The list, and the variables of the bare one, whose own PATH is the last place for a shell.
    expect(asked.filter((line) => !heads.includes(line))).toEqual([
      expect.stringMatching(/^GET \/containers\/json(?:\?|$)/),
      expect.stringMatching(/^GET \/containers\/ID\/json/),
    ])
    // Bash and sshd in each; in busybox and the bare one a few paths more.
    expect(heads.length).toBeLessThanOrEqual(2 * many + 12)
    expect(most).toBeLessThanOrEqual(32)
    expect(seen.map(({ via }) => via).sort()).toEqual(['debug', ...Array(many - 1).fill('exec')])
    expect(seen[many - 1]).toMatchObject({ shell: '/bin/bash', sshd: 'none' })
  })
})

test('a reader who leaves is not an error', async () => {
  const { stdout, stderr } = await shell('docker-bash ls | true; echo ${PIPESTATUS[0]}')
  expect([stdout.toString(), stderr]).toEqual(['0\n', ''])
})
