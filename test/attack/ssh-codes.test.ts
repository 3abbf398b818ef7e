/** What a server says that a command ended with, when no command can have: never success. */
import { run } from '../support/cli'
import { faultySshd } from '../support/faulty-sshd'
import { testKey } from '../support/sshd'

const key = testKey()

test.each([
  [42, 42, ''],
  [256, 255, /lost \S+: its sshd says that the command ended with 256/],
  [4294967295, 255, /ended with 4294967295/],
])('exit-status %d ends docker-bash with %d', async (said, code, words) => {
  const { name } = await faultySshd('code', said)
  const result = await run(['--via', 'ssh', '-i', key.path, name, 'echo', 'in'])
  expect({ ...result, stdout: result.stdout.toString() }).toMatchObject({
    code,
    stdout: 'in\n',
    stderr: words === '' ? '' : expect.stringMatching(words),
  })
})
