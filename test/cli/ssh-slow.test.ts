/** Where a slow login's time went, and what it usually is. */
import { run } from '../support/cli'
import { sshdContainer, testKey } from '../support/sshd'

test('-v says which step was slow, and the usual causes', async () => {
  const key = testKey()
  const { name } = await sshdContainer({ key, before: 'echo "sleep 2" >/root/.ssh/rc' })
  const { code, stdout, stderr } = await run(['-v', '--via', 'ssh', '-i', key.path, name, 'echo', 'in'])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
  expect(stderr).toMatch(/login: connect .* first line .* key exchange .* authentication .* session start 2\d{3} ms/)
  expect(stderr).toMatch(/slow at session start: usually PAM and its motd scripts, or what the login shell reads/)
})
