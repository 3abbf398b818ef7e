import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { docker } from '../../support/docker-api'
import { type Keyring, keyring } from '../../support/keyring'
import { libChild } from '../../support/lib-child'
import { sshdContainer } from '../../support/sshd'

const read = async (id: string) => (await docker().inside(id, ['cat', '/root/.ssh/authorized_keys'])).stdout
const rotateTo = (user: Keyring, name: string, last = '') =>
  libChild('test/fixtures/rotate-child.ts', [name, last], { XDG_DATA_HOME: join(user.home, 'data') })
const journal = (user: Keyring) => {
  const folder = join(user.data, 'journal')
  return existsSync(folder) ? readdirSync(folder) : []
}

const steps = ['journal', 'put in', 'try new', 'enrol', 'take out', 'try old', 'record', 'done']

test.each(steps)('killed at "%s": a key of the user’s still works, and the next run finishes', async (step) => {
  const user = keyring()
  const web = await sshdContainer()
  expect((await user.run(['key', 'install', web.name])).code).toBe(0)
  const foreign = '# not ours\nssh-dss AAAAB3NzaC1kc3MAAACBAJ other\n'
  await docker().inside(web.id, [
    'sh',
    '-c',
    `printf '${foreign.replaceAll('\n', '\\n')}' >>/root/.ssh/authorized_keys`,
  ])

  expect((await rotateTo(user, web.name, step).ended).signal).toBe('SIGKILL')
  const entered = await user.run(['--via', 'ssh', web.name, 'echo', 'in'])
  expect(entered).toMatchObject({ code: 0, stdout: Buffer.from('in\n') })

  const finished = await user.run(['key', 'rotate', '--all'])
  expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: '' })
  expect(journal(user)).toEqual([])
  const last = user.keys().at(-1) ?? ''
  // The journal's key is taken up; before the journal and after it there is none to take up.
  expect(last).toBe(step === 'journal' || step === 'done' ? 'default.3' : 'default.2')
  const lines = (await read(web.id)).trim().split('\n')
  expect(lines.filter((line) => line.includes('docker-bash'))).toEqual([expect.stringMatching(`docker-bash ${last} `)])
  expect(lines.filter((line) => !line.includes('docker-bash')).join('\n')).toBe(foreign.trim())
  expect((await user.run(['-v', '--via', 'ssh', web.name, 'true'])).stderr).toMatch(`with ${last}`)
})

test('two rotations at once: one of them does it, the other says so or finds it done', async () => {
  const user = keyring()
  const web = await sshdContainer()
  await user.run(['key', 'install', web.name])
  const both = await Promise.all([user.run(['key', 'rotate', web.name]), user.run(['key', 'rotate', web.name])])
  expect(both.map(({ code, stderr }) => ({ code, stderr }))).toContainEqual({ code: 0, stderr: expect.anything() })
  for (const { code, stderr } of both) if (code !== 0) expect(stderr).toMatch(/is being changed by another docker-bash/)
  expect((await user.run(['--via', 'ssh', web.name, 'echo', 'in'])).stdout.toString()).toBe('in\n')
  expect((await read(web.id)).match(/docker-bash default/g)).toHaveLength(1)
})

test('a new key that is refused goes out again, and the old one stays', async () => {
  const user = keyring()
  const web = await sshdContainer()
  await user.run(['key', 'install', web.name])
  const before = await read(web.id)
  await docker().inside(web.id, ['sh', '-c', 'chmod o+w /root/.ssh'])
  const { code, stdout } = await user.run(['key', 'rotate', web.name])
  expect({ code, stdout: stdout.toString() }).toEqual({
    code: 125,
    stdout: expect.stringMatching(
      /new key refused \(StrictModes: \/root\/.ssh can be written by everybody\); old key kept/,
    ),
  })
  expect(await read(web.id)).toBe(before)
  expect(journal(user)).toEqual([])
  await docker().inside(web.id, ['sh', '-c', 'chmod o-w /root/.ssh'])
  expect((await user.run(['--via', 'ssh', web.name, 'echo', 'in'])).stdout.toString()).toBe('in\n')
})
