/** Settings and labels, in sessions, in explain and in `docker-bash config`. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../support/cli'
import { container } from '../support/containers'
import { scratch } from '../support/engine'
import { keyring } from '../support/keyring'
import { asNobody } from '../support/nobody'
import { sshdContainer } from '../support/sshd'

function configured(config: object) {
  const folder = scratch('config')
  const file = join(folder, 'docker-bash', 'config.json')
  mkdirSync(join(folder, 'docker-bash'))
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  return { file, env: { XDG_CONFIG_HOME: folder } }
}
const label = { 'docker-bash.shell': '/bin/dash', 'docker-bash.user': 'daemon', 'docker-bash.workdir': '/srv' }
const who = '[ "$(id -un)" = "" ] || echo "$0 $(id -un) $PWD"'

test.each(['exec', 'runc', 'nsenter'])("a container's labels, by %s", async (via) => {
  const { name } = await container({ image: 'debian', labels: label })
  const { code, stdout, stderr } = await run(['--via', via, '-c', who, name])
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    code: 0,
    stdout: '/bin/dash daemon /srv\n',
    stderr: '',
  })
  expect((await run(['--via', via, name, 'pwd'])).stdout.toString()).toBe('/srv\n')
  expect((await run(['--via', via, '-u', 'root', '-w', '/', '-c', who, name])).stdout.toString()).toBe(
    '/bin/dash root /\n',
  )
})

test("a container's labels, by ssh", async () => {
  const made = await sshdContainer({ labels: { ...label, 'docker-bash.user': 'root', 'docker-bash.shell': '/bin/sh' } })
  const me = keyring()
  expect((await me.run(['key', 'install', made.name])).code).toBe(0)
  const { code, stdout, stderr } = await me.run(['-v', '-c', who, made.name])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: '/bin/sh root /srv\n' })
  expect(stderr).toMatch(/ by ssh, as root in \/srv: /)
})

test('the user’s own settings go before them, flags before those', async () => {
  const { name } = await container({ image: 'debian', labels: label })
  const { env } = configured({ user: 'games', shell: 'zsh', via: 'exec' })
  expect((await run(['-c', who, name], { env })).stdout.toString()).toMatch(/^\/(usr\/)?bin\/zsh games \/srv\n$/)
  expect((await run(['-v', name, 'true'], { env })).stderr).toMatch(/ by exec, as games in \/srv: .*; your setting\n$/)
  const more = { ...env, DOCKER_BASH_USER: 'nobody', DOCKER_BASH_VIA: 'nsenter' }
  expect((await run(['-v', name, 'id', '-un'], { env: more })).stderr).toMatch(/ by nsenter, as nobody /)
  expect((await run(['-v', '--via', 'exec', '-u', '0', name, 'true'], { env: more })).stderr).toMatch(/ by exec, as 0 /)
})

test('a preferred way in that does not fit gives way to the usual order, and -v says so', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env } = configured({ via: 'ssh' })
  const { code, stderr } = await run(['-v', name, 'true'], { env })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/; your setting ssh does not fit: there is no sshd/),
  })
})

test('explain tells who decided what; no label decides the way in', async () => {
  const { name } = await container({ image: 'debian', labels: { ...label, 'docker-bash.via': 'nsenter' } })
  const { env, file } = configured({ user: 'games' })
  const told = (await run(['explain', name], { env })).stdout.toString()
  expect(told).toMatch(
    `set: shell /bin/dash (its label docker-bash.shell), user games (${file}), workdir /srv (its label`,
  )
  expect(told).not.toMatch(/✓ nsenter {2}chosen/)
  const json = JSON.parse((await run(['explain', '--json', name], { env })).stdout.toString())
  expect(json.settled.user).toEqual({ value: 'games', from: 'config', where: file })
})

test('a hostile label is a kind error', async () => {
  const hostile = '$(touch /tmp/x)\u001b]0;owned\u0007'
  for (const key of ['user', 'workdir', 'shell']) {
    const { name } = await container({ image: 'busybox', labels: { [`docker-bash.${key}`]: hostile } })
    const { code, stdout, stderr } = await run(['-c', 'true', name])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(
        `^docker-bash: invalid value "[^\\x00-\\x09\\x1b]* for the label docker-bash\\.${key} of ${name}\n  allowed`,
      ),
    )
    const own = { DOCKER_BASH_SHELL: '/bin/sh' }
    expect((await run(['-u', '0', '-w', '/', '-c', 'pwd', name], { env: own })).stdout.toString()).toBe('/\n')
  }
})

describe('docker-bash config', () => {
  test('each value and where it came from', async () => {
    const { name } = await container({ image: 'busybox', labels: label })
    const { env, file } = configured({ via: 'exec', toolbox: 'busybox:musl', nodes: { n1: 'ssh://n1' } })
    const all = { env: { ...env, DOCKER_BASH_PICKER: 'false' } }
    const rows = (await run(['config', '-w', '/tmp', name], all)).stdout.toString().trimEnd().split('\n')
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['KEY', 'VALUE', 'FROM', 'WHERE'],
      ['via', 'exec', 'config', `via in ${file}`],
      ['shell', '/bin/dash', 'label', 'docker-bash.shell'],
      ['user', 'daemon', 'label', 'docker-bash.user'],
      ['workdir', '/tmp', 'flag', '--workdir'],
      ['toolbox', 'busybox:musl', 'config', `toolbox in ${file}`],
      ['picker', 'false', 'env', 'DOCKER_BASH_PICKER'],
      ['nodes', 'n1=ssh://n1', 'config', `nodes in ${file}`],
      ['nodesBySsh', 'false', 'default', '-'],
    ])
    const json = JSON.parse((await run(['config', '--json'], all)).stdout.toString())
    expect(json).toMatchObject({ file, settings: { user: { from: 'default' }, picker: { value: false } } })
  })
  test('needs no engine; --schema prints what the file may hold', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere' }
    expect((await run(['config'], { env })).code).toBe(0)
    const schema = JSON.parse((await run(['config', '--schema'], { env })).stdout.toString())
    expect(schema.properties.via.enum).toContain('runc')
  })
  test('a mistake stops every command before the engine is asked', async () => {
    const { env, file } = configured({ vai: 'exec' })
    const refused = {
      code: 125,
      stderr: `docker-bash: ${file} has no key vai\n  did you mean via? allowed: via, shell, user, toolbox, picker, nodes, nodesBySsh\n`,
    }
    for (const words of [['config'], ['web', 'true'], ['explain', 'web']])
      expect(await run(words, { env: { ...env, DOCKER_HOST: 'unix:///nowhere' } })).toMatchObject(refused)
    chmodSync(file, 0o666)
    expect((await run(['config'], { env })).stderr).toMatch(/can be written by other users[^\n]*\n {2}.*chmod go-w/)
  })
  test('another user’s, which HOME still names after `sudo -u`, is not ours', async () => {
    const { env } = configured({ via: 'ssh' })
    const { name } = await container({ image: 'busybox' })
    for (const words of [
      [name, 'true'],
      ['ls', '--filter', `name=${name}`],
      ['key', 'list'],
    ]) {
      const { code, stderr } = await run(words, { env, under: asNobody(), cwd: '/' })
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
    }
  })
})
