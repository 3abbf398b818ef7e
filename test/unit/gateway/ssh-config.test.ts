import { sshConfig, useOf } from '../../../src/lib/gateway/ssh-config'

test.each([
  ['/home/ann', '/home/ann', 'ssh NAME.docker'],
  ['/tmp/a b', '/home/ann', "ssh -F '/tmp/a b/.ssh/config' NAME.docker"],
])('with HOME=%s and %s in passwd it is %s', (HOME, home, use) => {
  expect(useOf(sshConfig({ HOME }), home)).toBe(use)
})
