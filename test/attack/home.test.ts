/** A HOME that another user can write, as after `sudo -E`: nothing of it is believed, and nothing is left in it. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { run } from '../support/cli'
import type { Container } from '../support/containers'
import { docker } from '../support/docker-api'
import { root, scratch } from '../support/engine'
import { sshdContainer } from '../support/sshd'

const nobody = 65534
const distrust = /^docker-bash: \S+ belongs to another user: it is not believed\n {2}.*sudo, -H/

/** All that is below a folder, with what changes if anybody touches it. */
function all(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { mtimeMs, size, uid } = lstatSync(join(folder, name))
      return `${name} ${uid} ${size} ${mtimeMs}`
    })
    .sort()
}

/** Links are given, not followed. */
function give(folder: string): void {
  execFileSync('chown', ['-hR', `${nobody}:${nobody}`, folder])
}

let target: Container
beforeAll(async () => {
  target = await sshdContainer()
})

const authorized = async () => (await docker().inside(target.id, ['cat', '/root/.ssh/authorized_keys'])).stdout

describe('a key, a pin and an enrolment that the owner of HOME has planted', () => {
  let HOME: string
  let env: Record<string, string>
  let before: string[]
  let line: string
  beforeAll(async () => {
    HOME = scratch('theirs')
    env = { HOME, XDG_CACHE_HOME: join(HOME, '.cache') }
    // All of it is real: it opens the container.
    expect((await run(['key', 'install', target.name], { env, timeoutMs: 60_000 })).code).toBe(0)
    expect((await run(['-v', target.name, 'true'], { env })).stderr).toMatch(/ by ssh/)
    line = await authorized()
    give(HOME)
    before = all(HOME)
  })
  afterEach(() => expect(all(HOME)).toEqual(before))

  test('a session goes on without them', async () => {
    const { code, stdout, stderr } = await run(['-v', target.name, 'echo', 'hello'], { env })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'hello\n' })
    expect(stderr).toMatch(/ by runc/)
    expect(stderr).not.toMatch(/ssh/)
  })
  test('ls and explain do, too', async () => {
    const listed = await run(['ls', '--json', '--filter', `name=${target.name}`], { env })
    expect({ code: listed.code, stderr: listed.stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(listed.stdout.toString())).toContainEqual(
      expect.objectContaining({ name: target.name, via: 'runc' }),
    )
    const { stdout, code } = await run(['explain', '--json', target.name], { env })
    expect(code).toBe(0)
    expect(JSON.parse(stdout.toString()).target.sshd.enrolled).toEqual([])
  })
  test.each([
    ['key', 'install', 'TARGET'],
    ['key', 'install', '--key', 'default', 'TARGET'],
    ['key', 'rotate', 'TARGET'],
    ['key', 'rotate', '--all'],
    ['key', 'revoke', 'TARGET'],
    ['key', 'generate', 'work'],
    ['key', 'list'],
    ['key', 'snippet'],
  ])('%s %s %s', async (...words) => {
    const typed = words.map((word) => (word === 'TARGET' ? target.name : word))
    const { code, stdout, stderr } = await run(typed, { env })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(distrust)
    expect(stderr).toContain('XDG_DATA_HOME')
    expect(await authorized()).toBe(line)
  })
  test('doctor names them', async () => {
    const { code, stdout } = await run(['doctor', '--json'], { env })
    const findings = JSON.parse(stdout.toString()) as { what: string; verdict: string; found: string }[]
    expect(code).toBe(125)
    expect(findings.find(({ what }) => what === 'keys')).toMatchObject({
      verdict: 'fail',
      found: `${HOME} belongs to another user: it is not believed; of ${HOME}/.local/share/docker-bash nothing is used: 1 key, 1 pinned server, 1 enrolment`,
    })
  })
  test('with a folder of one’s own, keys are kept there', async () => {
    const own = { ...env, XDG_DATA_HOME: scratch('own') }
    expect((await run(['key', 'generate'], { env: own })).code).toBe(0)
    expect(readdirSync(join(own.XDG_DATA_HOME, 'docker-bash', 'keys'))).toEqual(['default', 'default.pub'])
  })
  test('nothing is set up in it either', async () => {
    for (const words of [
      ['completion', 'install', 'bash'],
      ['completion', 'install', 'fish'],
      ['plugin', 'install'],
    ]) {
      const { code, stderr } = await run(words, { env })
      expect({ words, code, stderr }).toEqual({ words, code: 125, stderr: expect.stringMatching(distrust) })
    }
  })
})

test('a config.json: refused with words, under sudo too; none in such a HOME: no word', async () => {
  const HOME = scratch('theirs')
  give(HOME)
  const env = { HOME, SUDO_UID: String(nobody) }
  expect(await run([target.name, 'true'], { env })).toMatchObject({ code: 0, stderr: '' })
  mkdirSync(join(HOME, '.config/docker-bash'), { recursive: true })
  writeFileSync(join(HOME, '.config/docker-bash/config.json'), '{"via": "nsenter"}')
  give(HOME)
  const { code, stderr } = await run([target.name, 'true'], { env })
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(distrust) })
})

test('Docker’s config: a context is refused with words, a config without one is not an obstacle', async () => {
  const HOME = scratch('theirs')
  const digest = createHash('sha256').update('evil').digest('hex')
  const meta = join(HOME, '.docker/contexts/meta', digest)
  mkdirSync(meta, { recursive: true })
  const context = { Name: 'evil', Endpoints: { docker: { Host: 'unix:///tmp/evil.sock' } } }
  writeFileSync(join(meta, 'meta.json'), JSON.stringify(context))
  const config = (value: object) => writeFileSync(join(HOME, '.docker/config.json'), JSON.stringify(value))
  const tried = async (env: Record<string, string | undefined>, ...flags: string[]) => {
    give(HOME)
    return (await run([...flags, 'web', 'true'], { env: { HOME, DOCKER_HOST: undefined, ...env } })).stderr
  }
  config({ auths: {}, currentContext: 'evil' })
  expect(await tried({})).toMatch(distrust)
  expect(await tried({ DOCKER_CONTEXT: 'evil' })).toMatch(distrust)
  expect(await tried({}, '--context', 'evil')).toMatch(distrust)
  // Named as they are, they are the caller's word.
  expect(await tried({ DOCKER_HOST: 'unix:///nowhere' })).toMatch(/^docker-bash: no engine at unix:\/\/\/nowhere/)
  config({ auths: {} })
  expect(await tried({})).not.toMatch(/believed|evil/)
  const tls = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1' }
  writeFileSync(join(HOME, '.docker/ca.pem'), 'theirs')
  expect(await tried(tls)).toMatch(distrust)
})

test('code of another source, of the same length, behind a link at ~/.cache, is not run', async () => {
  // Root's own files, as they lie in a container's file system: /proc/PID/root leads there.
  const evil = scratch('evil')
  await run([target.name, 'true'], { env: { XDG_CACHE_HOME: evil } })
  const [name = ''] = readdirSync(join(evil, 'docker-bash'))
  expect(name).toMatch(/^main-enter-/)
  const path = join(evil, 'docker-bash', name)
  const marker = join(evil, 'marker')
  const poison = `
    const { readFileSync, writeFileSync } = require('node:fs'), { Script } = require('node:vm')
    const [program, cache, marker] = process.argv.slice(1), text = readFileSync(program, 'latin1')
    const act = 'require("node:fs").writeFileSync(' + JSON.stringify(marker) + ', "run");'
    const code = text.slice(0, 20) + '(function(exports, require){' + act + 'exports.ran = []; exports.main = async () => {} })'
    const script = new Script(code + ' '.repeat(text.length - code.length), { filename: program })
    script.runInThisContext()({}, () => ({ writeFileSync() {} }))
    const data = script.createCachedData()
    writeFileSync(cache, Buffer.concat([readFileSync(cache).subarray(0, 256), data, data]), { mode: 0o600 })`
  execFileSync(process.execPath, ['-e', poison, '--', join(root, 'dist/main.js'), path, marker])
  // It is what V8 takes: where the folder is root's own, there is nobody to be held off.
  await run([target.name, 'true'], { env: { XDG_CACHE_HOME: evil } })
  expect(readFileSync(marker, 'utf8')).toBe('run')
  execFileSync('rm', [marker])
  const HOME = scratch('theirs')
  symlinkSync(evil, join(HOME, '.cache'))
  give(HOME)
  const { code, stdout } = await run([target.name, 'echo', 'hello'], { env: { HOME, XDG_CACHE_HOME: undefined } })
  expect({ code, stdout: stdout.toString(), poisoned: existsSync(marker) }).toEqual({
    ...{ code: 0, stdout: 'hello\n', poisoned: false },
  })
})

test('a file of ours that others can write is refused by its name, and the command mends it', async () => {
  const HOME = scratch('ours')
  const folder = join(HOME, '.local/share/docker-bash')
  const file = join(folder, 'enrolled', `${target.id}.json`)
  mkdirSync(join(folder, 'enrolled'), { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify({ id: target.id, name: target.name, keys: [] }))
  chmodSync(file, 0o666)
  const refused = `docker-bash: ${file} can be written by other users: it is not believed\n  look at it, then: chmod go-w ${file}\n`
  expect(await run([target.name, 'true'], { env: { HOME } })).toMatchObject({ code: 125, stderr: refused })
  const doctor = await run(['doctor', '--json'], { env: { HOME } })
  expect(JSON.parse(doctor.stdout.toString())).toContainEqual({
    ...{ what: 'keys', verdict: 'fail', found: expect.stringContaining(file), mend: expect.stringContaining(file) },
  })
  execFileSync('chmod', ['go-w', file])
  expect((await run([target.name, 'true'], { env: { HOME } })).code).toBe(0)
})
