import { settle, settled, wayOf } from '../../../src/lib/config/resolve-settings'
import type { Settings, Told } from '../../../src/lib/config/settings'
import { request, target } from '../../support/targets'

const told = <T>(value: T): Told<T> => ({ value, from: 'config', where: 'config.json' })
const set: Settings = { via: told('exec'), user: told('ours'), shell: told('/bin/ours') }
const labels = {
  'docker-bash.user': 'labelled',
  'docker-bash.shell': '/bin/labelled',
  'docker-bash.workdir': '/labelled',
}
const shell = { command: [] as string[] }

test('flags come before settings, settings before labels', () => {
  const flags = { via: 'ssh', user: 'flag', workdir: '/flag' } as const
  const all = settled(request({ ...shell, ...flags }), target({ labels }), set)
  expect(all).toEqual({
    via: { value: 'ssh', from: 'flag', where: '--via' },
    user: { value: 'flag', from: 'flag', where: '--user' },
    workdir: { value: '/flag', from: 'flag', where: '--workdir' },
    shell: told('/bin/ours'),
  })
  const none = settled(request(shell), target({ labels }), set)
  expect([none.via, none.user, none.shell, none.workdir?.value]).toEqual([set.via, set.user, set.shell, '/labelled'])
  const bare = settled(request(shell), target({ labels }), {})
  expect(bare).toEqual({
    user: { value: 'labelled', from: 'label', where: 'docker-bash.user' },
    shell: { value: '/bin/labelled', from: 'label', where: 'docker-bash.shell' },
    workdir: { value: '/labelled', from: 'label', where: 'docker-bash.workdir' },
  })
})

test('no label decides the way in', () => {
  expect(settled(request(), target({ labels: { 'docker-bash.via': 'nsenter' } }), {})).toEqual({})
})

test('a way in of the settings is preferred, one of a flag insisted on, and auto is none', () => {
  const preferred = settle(request(), target(), set)
  expect([preferred.via, preferred.prefer, wayOf(preferred)]).toEqual([undefined, 'exec', 'exec'])
  const insisted = settle(request({ via: 'runc' }), target(), set)
  expect([insisted.via, insisted.prefer, wayOf(insisted)]).toEqual(['runc', undefined, 'runc'])
  const auto = settle(request(), target(), { via: told('auto') })
  expect([auto.prefer, wayOf(auto)]).toEqual([undefined, 'auto'])
})

test('the label for a shell is looked at only where a shell is needed', () => {
  const wrong = target({ labels: { 'docker-bash.shell': 'sh' } })
  expect(settled(request(), wrong, {})).toEqual({})
  expect(() => settled(request(shell), wrong, {})).toThrow(
    expect.objectContaining({
      message: 'invalid value "sh" for the label docker-bash.shell of web',
      hint: 'allowed: an absolute path; DOCKER_BASH_SHELL=/bin/sh overrules it',
    }),
  )
})

test.each([
  ['workdir', 'relative'],
  ['workdir', '/with\nnewline'],
  ['user', 'a b'],
])('a label %s of %j is refused, unless a flag overrules it', (key, value) => {
  const wrong = target({ labels: { [`docker-bash.${key}`]: value } })
  expect(() => settled(request(), wrong, {})).toThrow(
    `invalid value ${JSON.stringify(value)} for the label docker-bash.${key} of web`,
  )
  expect(settled(request({ user: 'me', workdir: '/' }), wrong, {})).toMatchObject({ user: { value: 'me' } })
})

test('our kind of terminal is for containers whose image names none; -e overrules both', () => {
  const asked = { ...request(), term: 'dumb', env: ['A=1'] }
  expect(settle(asked, { ...target(), env: [] }, {}).env).toEqual(['TERM=dumb', 'A=1'])
  expect(settle(asked, { ...target(), env: ['TERM=vt52'] }, {}).env).toEqual(['A=1'])
})
