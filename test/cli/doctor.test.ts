/** `doctor`: every line that can fail, made to fail. */
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type RunOptions, run } from '../support/cli'
import { container } from '../support/containers'
import { privateEngine, scratch } from '../support/engine'
import { asNobody } from '../support/nobody'

interface Finding {
  what: string
  verdict: 'pass' | 'warn' | 'fail'
  found: string
  mend?: string
}

async function doctor(options: RunOptions = {}, flags: string[] = []) {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...flags], options)
  expect(stderr).toBe('')
  const all = JSON.parse(stdout.toString()) as Finding[]
  return { code, all, line: (what: string) => all.find((one) => one.what === what) }
}

beforeAll(async () => {
  await container({ image: 'busybox' })
})

test('all in order: what there is, and 0', async () => {
  const { code, all, line } = await doctor({ env: { SHELL: '/bin/sh' } })
  expect(code).toBe(0)
  expect(all.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  expect(line('engine')).toMatchObject({
    verdict: 'pass',
    found: expect.stringMatching(/^Docker \d+.* by DOCKER_HOST$/),
  })
  expect(line('versions')?.found).toMatch(/^node \d+\.\d+\.\d+, API 1\.\d+, runc \d/)
  expect(line('rights')).toMatchObject({ verdict: 'pass' })
  expect(line('runtime')).toMatchObject({ verdict: 'pass', found: expect.stringMatching(/runc.*moby$/) })
  expect(line('util-linux')).toMatchObject({ verdict: 'pass' })
  expect(line('perl')).toMatchObject({ verdict: 'pass' })
  expect(line('ssh')).toMatchObject({ verdict: 'pass' })
  expect(line('keys')).toMatchObject({ verdict: 'pass' })
  expect(line('config')).toMatchObject({ verdict: 'pass' })
})

test('as text: a line each within 80 columns, the command that mends it below', async () => {
  const { code, stdout } = await run(['doctor'], { env: { DOCKER_HOST: 'unix:///nowhere', SHELL: '/bin/zsh' } })
  expect(code).toBe(125)
  const lines = stdout.toString().trimEnd().split('\n')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  expect(lines[0]).toMatch(/^✗ engine {6}no engine at unix:\/\/\/nowhere/)
  expect(stdout.toString()).toMatch(
    /^! completion {2}zsh does not complete docker-bash\n {14}docker-bash completion install$/m,
  )
  expect(lines.at(-1)).toMatch(/^\d+ in order, \d+ to know, 1 to fix$/)
})

describe('the engine', () => {
  test('is not there', async () => {
    const { code, line } = await doctor({}, ['-H', 'unix:///nowhere'])
    expect(code).toBe(125)
    expect(line('engine')).toMatchObject({ verdict: 'fail', mend: expect.stringMatching('systemctl start docker') })
  })
  test('is forbidden to a plain user', async () => {
    const under = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, line } = await doctor({ under, cwd: '/', env: { HOME: '/nonexistent' } })
    expect(code).toBe(125)
    expect(line('engine')).toMatchObject({
      verdict: 'fail',
      found: expect.stringMatching('permission denied'),
      mend: expect.stringMatching('usermod -aG docker'),
    })
  })
  test('is open to a plain user of its group, for whom two ways are closed', async () => {
    const { line } = await doctor({ under: asNobody(), cwd: '/', env: { HOME: '/nonexistent' } })
    expect(line('engine')).toMatchObject({ verdict: 'pass' })
    expect(line('rights')).toMatchObject({ verdict: 'warn', mend: expect.stringMatching('^sudo ') })
    expect(line('runtime')).toBeUndefined()
  })
  test('runs nothing yet', async () => {
    const { code, line } = await doctor({ place: await privateEngine() })
    expect(code).toBe(0)
    expect(line('runtime')).toMatchObject({ verdict: 'pass', found: expect.stringMatching('^nothing runs') })
  })
  test('has left its socket behind, or is one of long ago', async () => {
    const left = join(scratch('dead'), 'socket')
    const dead = createServer()
    await new Promise<void>((ready) => dead.listen(`${left}.new`, ready))
    // Closing it would take the file away, too.
    renameSync(`${left}.new`, left)
    dead.close()
    expect((await doctor({}, ['-H', `unix://${left}`])).line('engine')).toMatchObject({
      verdict: 'fail',
      found: expect.stringMatching('nothing listens there'),
    })
    const old = createServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nApi-Version: 1.24\r\nContent-Length: 2\r\n\r\n{}'))
    })
    const path = join(scratch('old'), 'socket')
    await new Promise<void>((ready) => old.listen(path, ready))
    const { code, line } = await doctor({}, ['-H', `unix://${path}`])
    old.close()
    expect(code).toBe(125)
    expect(line('engine')).toMatchObject({ verdict: 'fail', found: expect.stringMatching('too old') })
  })
  test('is a context that is not', async () => {
    const { line } = await doctor({}, ['--context', 'nosuch'])
    expect(line('engine')).toMatchObject({ verdict: 'fail', found: 'no Docker context named nosuch' })
  })
})

/** Runs it with these programs in PATH and no others. */
function withOnly(...programs: string[]): readonly string[] {
  const bin = scratch('path')
  for (const program of programs) symlinkSync(join('/usr/bin', program), join(bin, program))
  return ['/usr/bin/env', `PATH=${bin}`]
}

describe('programs', () => {
  test('no ssh client: good to know, and to be mended where the engine is behind ssh', async () => {
    const under = withOnly()
    expect((await doctor({ under })).line('ssh')).toMatchObject({
      verdict: 'warn',
      mend: expect.stringMatching('openssh-client'),
    })
    const behind = await doctor({ under, env: { DOCKER_HOST: 'ssh://nobody@127.0.0.1:1' } })
    expect(behind.code).toBe(125)
    expect(behind.line('ssh')).toMatchObject({ verdict: 'fail', mend: expect.stringMatching('openssh-client') })
    expect(behind.line('engine')).toMatchObject({
      verdict: 'fail',
      found: expect.stringMatching('there is no ssh client'),
    })
  })
  test('nsenter, setpriv and script', async () => {
    const { line, code } = await doctor({ under: withOnly('nsenter') })
    expect(code).toBe(0)
    expect(line('util-linux')).toMatchObject({
      verdict: 'warn',
      found: 'no setpriv, no script in PATH',
      mend: expect.stringMatching('util-linux'),
    })
  })
})

describe('keys', () => {
  test('that others can read, in a folder that others can write; the command mends it', async () => {
    const HOME = scratch('keys')
    const env = { HOME }
    expect((await run(['key', 'generate', 'work'], { env })).code).toBe(0)
    const folder = join(HOME, '.local/share/docker-bash/keys')
    expect((await doctor({ env })).line('keys')).toMatchObject({
      verdict: 'pass',
      found: expect.stringMatching(/^1 of yours/),
    })
    const path = join(folder, 'work')
    chmodSync(path, 0o644)
    const read = await doctor({ env })
    expect(read.code).toBe(125)
    expect(read.line('keys')).toEqual({
      what: 'keys',
      verdict: 'fail',
      found: `others can read ${path}`,
      mend: `chmod 600 ${path}`,
    })
    chmodSync(path, 0o600)
    chmodSync(folder, 0o777)
    expect((await doctor({ env })).line('keys')).toMatchObject({
      verdict: 'fail',
      mend: expect.stringMatching(`chmod go-w ${folder}$`),
    })
    chmodSync(folder, 0o700)
    expect((await doctor({ env })).code).toBe(0)
  })
  test('that are none', async () => {
    const HOME = scratch('keys')
    const folder = join(HOME, '.local/share/docker-bash/keys')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'work'), 'nonsense', { mode: 0o600 })
    const { code, line } = await doctor({ env: { HOME } })
    expect(code).toBe(125)
    expect(line('keys')).toMatchObject({ verdict: 'fail', found: expect.stringMatching(/not a private key/) })
  })
  test.each([
    ['enrolled', '{"id":', 'it is not valid JSON'],
    ['enrolled', '{"id":1}', 'it is not an enrolment'],
    ['hosts', '[]', 'it is not a pinned server'],
    ['journal', 'null', 'it is not a rotation'],
  ])('and notes: a damaged one in %s/, %j', async (room, text, why) => {
    const HOME = scratch('keys')
    const folder = join(HOME, '.local/share/docker-bash', room)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `${'a'.repeat(64)}.json`)
    writeFileSync(path, text, { mode: 0o600 })
    const { code, line } = await doctor({ env: { HOME } })
    expect(code).toBe(125)
    expect(line('keys')).toEqual({
      what: 'keys',
      verdict: 'fail',
      found: `${path} is damaged: ${why}`,
      mend: `look at it, then remove it: rm ${path}`,
    })
  })
})

test('a config that is wrong', async () => {
  const HOME = scratch('config')
  const file = join(HOME, '.config/docker-bash/config.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '{"via": "exec"}')
  expect((await doctor({ env: { HOME } })).line('config')).toMatchObject({ verdict: 'pass', found: `${file}, 1 set` })
  writeFileSync(file, '{"via": "rocket"}')
  const { code, line } = await doctor({ env: { HOME } })
  expect(code).toBe(125)
  expect(line('config')).toMatchObject({ verdict: 'fail', found: expect.stringMatching(/via/) })
  writeFileSync(file, '{"via": "exec"}')
  chmodSync(file, 0o666)
  expect((await doctor({ env: { HOME } })).line('config')).toMatchObject({
    verdict: 'fail',
    mend: expect.stringMatching(`chmod go-w ${file}`),
  })
})

describe('plugin and completion', () => {
  test('installed or not, by the command that is named', async () => {
    const HOME = scratch('setup')
    const env = { HOME, SHELL: '/bin/bash' }
    const before = await doctor({ env })
    for (const what of ['plugin', 'completion']) {
      const finding = before.line(what)
      expect(finding).toMatchObject({ verdict: 'warn', mend: `docker-bash ${what} install` })
      expect((await run([what, 'install'], { env })).code).toBe(0)
    }
    const after = await doctor({ env })
    for (const what of ['plugin', 'completion']) expect(after.line(what)).toMatchObject({ verdict: 'pass' })
    const elsewhere = await doctor({ env: { HOME: scratch('setup'), SHELL: '/bin/tcsh' }, under: withOnly() })
    for (const what of ['plugin', 'completion']) expect(elsewhere.line(what)).toMatchObject({ verdict: 'pass' })
  })
  test('a plugin that leads nowhere', async () => {
    const DOCKER_CONFIG = scratch('config')
    mkdirSync(join(DOCKER_CONFIG, 'cli-plugins'))
    const link = join(DOCKER_CONFIG, 'cli-plugins', 'docker-bash')
    symlinkSync('/nowhere/bin/run.js', link)
    const env = { DOCKER_CONFIG }
    const { code, line } = await doctor({ env })
    expect(code).toBe(125)
    expect(line('plugin')).toMatchObject({ verdict: 'fail', mend: 'docker-bash plugin install' })
    expect((await run(['plugin', 'install'], { env })).code).toBe(0)
    expect((await doctor({ env })).code).toBe(0)
  })
})

test('changes nothing', async () => {
  const HOME = scratch('untouched')
  await doctor({ env: { HOME } })
  expect(readdirSync(HOME)).toEqual([])
})
