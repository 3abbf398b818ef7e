import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSshConfig } from '../../../src/lib/doctor/setup'
import { blockOf, configState, install, sshConfig, useOf } from '../../../src/lib/gateway/ssh-config'

test.each([
  ['/home/ann', '/home/ann', 'ssh NAME.docker'],
  ['/tmp/a b', '/home/ann', "ssh -F '/tmp/a b/.ssh/config' NAME.docker"],
])('with HOME=%s and %s in passwd it is %s', (HOME, home, use) => {
  expect(useOf(sshConfig({ HOME }), home)).toBe(use)
})

test('what is installed, and whether it leads here still: doctor says so', () => {
  const HOME = realpathSync(mkdtempSync(join(tmpdir(), 'ssh-config-')))
  try {
    const env = { HOME, PATH: process.env.PATH }
    const config = sshConfig(env)
    const state = (program: string) => configState(config, program)
    expect(state('/opt/a/bin')).toEqual({ kind: 'none' })
    expect(checkSshConfig('/opt/a/bin', env)).toMatchObject({ verdict: 'warn', mend: 'docker-bash ssh-config install' })
    install(config, blockOf('/opt/a b%/bin', ['-H', 'unix:///x']))
    expect(state('/opt/a b%/bin')).toEqual({ kind: 'ours' })
    expect(checkSshConfig('/opt/a b%/bin', env)).toMatchObject({ verdict: 'pass' })
    expect(checkSshConfig('/elsewhere', env)).toMatchObject({
      ...{ verdict: 'fail', found: expect.stringMatching('leads to /opt/a b%/bin, which is gone') },
      mend: 'docker-bash ssh-config install --yes',
    })
    install(config, blockOf(HOME, []))
    expect(state('/elsewhere')).toEqual({ kind: 'other', leads: HOME })
    rmSync(config.own)
    expect(state('/elsewhere')).toEqual({ kind: 'gone', leads: undefined })
  } finally {
    rmSync(HOME, { recursive: true })
  }
})
