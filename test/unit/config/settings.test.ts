import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { effective } from '../../../src/lib/config/effective-settings'
import { configFile } from '../../../src/lib/config/file'
import { jsonSchema } from '../../../src/lib/config/json-schema'
import { settle } from '../../../src/lib/config/resolve-settings'
import { keys } from '../../../src/lib/config/schema'
import { readSettings } from '../../../src/lib/config/settings'
import type { Request } from '../../../src/lib/model'
import { temporary } from '../../support/temporary'

/** A user with this config file. */
function user(config?: unknown, more: NodeJS.ProcessEnv = {}) {
  const home = temporary('config')
  const env = { HOME: home, ...more }
  const path = configFile(env)
  if (config !== undefined) {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config), { mode: 0o600 })
  }
  return { env, path, home }
}
const settings = (config?: unknown, more: NodeJS.ProcessEnv = {}) => readSettings(user(config, more).env)
const shell: Request = { command: [], env: [], tty: false, stdin: true }

test('the environment before the file, and each says where it is from', () => {
  expect(settings()).toEqual({})
  const { env, path } = user({ $schema: 'x', via: 'exec', shell: 'zsh', picker: false }, { DOCKER_BASH_VIA: 'runc' })
  expect(readSettings(env)).toEqual({
    via: { value: 'runc', from: 'env', where: 'DOCKER_BASH_VIA' },
    shell: { value: 'zsh', from: 'config', where: path },
    picker: { value: false, from: 'config', where: path },
  })
  expect(settings({}, { DOCKER_BASH_PICKER: '1' }).picker?.value).toBe(true)
  expect(settings({}, { DOCKER_BASH_NODES_BY_SSH: 'true' }).nodesBySsh?.value).toBe(true)
  expect(settings({ user: 'app' }, { DOCKER_BASH_USER: '' }).user?.value).toBe('app')
})

test('XDG_CONFIG_HOME, if it is absolute', () => {
  expect(configFile({ HOME: '/h', XDG_CONFIG_HOME: '/x' })).toBe('/x/docker-bash/config.json')
  expect(configFile({ HOME: '/h', XDG_CONFIG_HOME: 'x' })).toBe('/h/.config/docker-bash/config.json')
})

test.each([
  [{ vai: 'exec' }, /config\.json has no key vai$/, /^did you mean via\? allowed: via, shell, /],
  [
    { via: 'exce' },
    /^invalid value "exce" for via in \S+config\.json$/,
    /^did you mean exec\? allowed: auto, ssh, runc, /,
  ],
  [{ via: 3 }, /^invalid value 3 for via in /, /allowed: auto/],
  [{ shell: 'sh -c id' }, / for shell in /, /a path such as/],
  [{ user: 'a b' }, / for user in /, /NAME or UID/],
  [{ user: '-u' }, / for user in /, /NAME or UID/],
  [{ toolbox: '--privileged' }, / for toolbox in /, /an image/],
  [{ picker: 'yes' }, / for picker in /, /true, false/],
  [{ nodesBySsh: 1 }, / for nodesBySsh in /, /true, false/],
  [{ nodes: ['a'] }, / for nodes in /, /ssh:\/\/HOST/],
  [{ nodes: { a: 'gopher://b' } }, /nodes\.a in \S+config\.json/, /ssh:/],
  ['{"via": ', /config\.json is not valid JSON: Unexpected end of JSON input$/, /correct it/],
  ['{\n  "via": "exec",\n}', /config\.json is not valid JSON: Expected .* in line 3$/, /correct it/],
  ['{\n  via\n}', /config\.json is not valid JSON: Expected .* in line 2$/, /correct it/],
  ['[]', /config\.json is not a JSON object/, /write it as/],
])('%j is refused by file, key and what is allowed', (config, message, hint) => {
  expect(() => settings(config)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) }),
  )
})

test('a variable is refused by its name; a mistake in the file is not hidden by it', () => {
  const bad = (config: unknown, env: NodeJS.ProcessEnv) => () => settings(config, env)
  expect(bad({}, { DOCKER_BASH_VIA: 'exce' })).toThrow(/^invalid value "exce" for DOCKER_BASH_VIA$/)
  expect(bad({}, { DOCKER_BASH_PICKER: 'maybe' })).toThrow(/^invalid value "maybe" for DOCKER_BASH_PICKER$/)
  expect(bad({ via: 'exce' }, { DOCKER_BASH_VIA: 'exec' })).toThrow(/ for via in /)
})

test('a file that others can write, or that is another’s, is not believed; a link to our own is', () => {
  const { env, path, home } = user({ via: 'exec' })
  for (const mode of [0o620, 0o602, 0o666]) {
    chmodSync(path, mode)
    expect(() => readSettings(env)).toThrow(/can be written by other users/)
  }
  chmodSync(path, 0o644)
  expect(readSettings(env).via?.value).toBe('exec')
  if (process.getuid?.() === 0) {
    chownSync(path, 4711, 4711)
    expect(() => readSettings(env)).toThrow(/belongs to another user/)
    expect(() => readSettings({ ...env, SUDO_UID: '4711' })).toThrow(/belongs to another user/)
  }
  mkdirSync(join(home, 'elsewhere', 'docker-bash'), { recursive: true })
  writeFileSync(join(home, 'dotfile'), '{"via": "runc"}', { mode: 0o600 })
  symlinkSync(join(home, 'dotfile'), join(home, 'elsewhere', 'docker-bash', 'config.json'))
  expect(readSettings({ XDG_CONFIG_HOME: join(home, 'elsewhere') }).via?.value).toBe('runc')
})

describe('labels', () => {
  const box = (labels: Record<string, string>) => ({ name: 'box', labels })
  const label = { 'docker-bash.shell': '/bin/dash', 'docker-bash.user': 'app', 'docker-bash.workdir': '/srv' }

  test('for shell, user and workdir, behind everything of the user’s own', () => {
    expect(settle(shell, box(label), {})).toMatchObject({ shell: '/bin/dash', user: 'app', workdir: '/srv' })
    const mine = settings({ user: 'me', shell: 'zsh' })
    expect(settle(shell, box(label), mine)).toMatchObject({ shell: 'zsh', user: 'me', workdir: '/srv' })
    expect(settle({ ...shell, user: 'root', workdir: '/' }, box(label), mine)).toMatchObject({
      ...{ user: 'root', workdir: '/' },
    })
  })
  test('never for the way in or the toolbox', () => {
    const told = effective(shell, box({ 'docker-bash.via': 'nsenter', 'docker-bash.toolbox': 'evil' }), {})
    expect(told).toMatchObject({ via: { value: 'auto', from: 'default' }, toolbox: { from: 'default' } })
  })
  test.each([
    [{ 'docker-bash.user': 'root; id' }],
    [{ 'docker-bash.user': '-u' }],
    [{ 'docker-bash.user': '\u001b[31m' }],
    [{ 'docker-bash.workdir': 'srv' }],
    [{ 'docker-bash.workdir': '/a\u0000b' }],
    [{ 'docker-bash.shell': 'dash; id' }],
  ])('%j is refused, and overruled by one’s own', (labels) => {
    expect(() => settle(shell, box(labels), {})).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^invalid value ".* for the label docker-bash\.\w+ of box$/s),
        code: 125,
      }),
    )
    settle({ ...shell, user: '0', workdir: '/' }, box(labels), settings({ shell: 'sh' }))
  })
  test('a shell’s label does not matter where no shell is needed', () => {
    settle({ ...shell, command: ['true'] }, box({ 'docker-bash.shell': '; id' }), {})
  })
})

test('the way in is preferred by a setting, asked for by a flag', () => {
  const mine = settings({ via: 'exec' })
  const box = { name: 'box', labels: {} }
  expect(settle(shell, box, mine)).toEqual({ ...shell, prefer: 'exec' })
  expect(settle({ ...shell, via: 'runc' }, box, mine)).toEqual({ ...shell, via: 'runc' })
  expect(settle(shell, box, settings({ via: 'auto' }))).toEqual(shell)
})

test('config.schema.json is the schema of the rules: WRITE_PAGES=1 writes it anew', () => {
  const file = join(__dirname, '../../../config.schema.json')
  if (process.env.WRITE_PAGES) writeFileSync(file, JSON.stringify(jsonSchema()))
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(jsonSchema())
})

test('the schema knows the same keys', () => {
  const schema = JSON.parse(JSON.stringify(jsonSchema()))
  expect(Object.keys(schema.properties).sort()).toEqual(['$schema', ...keys].sort())
  for (const via of schema.properties.via.enum) expect(settings({ via }).via?.value).toBe(via)
  for (const [key, right, wrong] of [
    ['shell', '/bin/zsh', 'a b'],
    ['user', 'app:staff', 'a b'],
    ['toolbox', 'reg:5000/busybox:1@sha256:00', '-v'],
  ]) {
    const fits = new RegExp(schema.properties[key ?? ''].pattern)
    expect([fits.test(right ?? ''), fits.test(wrong ?? '')]).toEqual([true, false])
    settings({ [key ?? '']: right })
    expect(() => settings({ [key ?? '']: wrong })).toThrow()
  }
})
