import { join } from 'node:path'
import { docker } from '../support/docker-api'
import { keyring, modeOf } from '../support/keyring'
import { phusionContainer, sshdContainer, testKey } from '../support/sshd'

const read = async (id: string, path = '/root/.ssh/authorized_keys') =>
  (await docker().inside(id, ['cat', path])).stdout

test('the life of a key in an image as phusion’s: install, use, rotate, revoke', async () => {
  const user = keyring()
  const web = await phusionContainer()
  const other = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 someone else'
  const comment = '# kept as it is \t'
  await docker().inside(web.id, [
    'sh',
    '-c',
    `printf '%s\\n%s\\n\\n' '${comment}' '${other}' >/root/.ssh/authorized_keys`,
  ])

  const installed = await user.run(['key', 'install', web.name])
  expect(installed).toMatchObject({ code: 0, stderr: '' })
  expect(installed.stdout.toString()).toMatch(/✓ \S+ +key default made, host keys made, sshd started, .*login proved/)
  expect(modeOf(join(user.data, 'keys', 'default'))).toBe(0o600)
  expect((await read(web.id)).split('\n').slice(0, 3)).toEqual([comment, other, ''])

  const entered = await user.run(['-v', web.name, 'id', '-un'])
  expect({ code: entered.code, stdout: entered.stdout.toString() }).toEqual({ code: 0, stdout: 'root\n' })
  expect(entered.stderr).toMatch(/by ssh, as root/)
  expect(entered.stderr).toMatch(/login: connect .* key exchange .* authentication .* session start/)

  const again = await user.run(['key', 'install', web.name])
  expect(again.stdout.toString()).toMatch(/was there already, login proved/)
  expect((await read(web.id)).match(/docker-bash default/g)).toHaveLength(1)

  const rotated = await user.run(['key', 'rotate', '--all'])
  expect({ code: rotated.code, out: rotated.stdout.toString() }).toEqual({
    code: 0,
    out: expect.stringMatching(/✓ \S+ +new key in, tried, old key out +[\d.]+ s\n$/),
  })
  expect((await user.run(['-v', web.name, 'true'])).stderr).toMatch(/with default\.2/)
  const oldKey = ['-i', join(user.data, 'keys', 'default'), '--via', 'ssh', web.name, 'true']
  const stranger = keyring()
  expect(await stranger.run(oldKey)).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/lets nobody in as root/),
  })

  const revoked = await user.run(['key', 'revoke', web.name, '--json'])
  expect(JSON.parse(revoked.stdout.toString())).toEqual([
    { name: web.name, id: web.id, ok: true, did: ['1 key out', 'login refused'] },
  ])
  expect(await read(web.id)).toBe(`${comment}\n${other}\n\n`)
  expect((await user.run(['-v', web.name, 'true'])).stderr).not.toMatch(/by ssh/)
})

test('a plain Debian with sshd on port 2222, as a user of its own', async () => {
  const user = keyring()
  const made = await sshdContainer({ before: 'useradd -m -s /bin/bash app; passwd -d app >/dev/null' })
  const installed = await user.run(['key', 'install', '-u', 'app', made.name])
  expect(installed).toMatchObject({ code: 0, stderr: '' })
  const stat = await docker().inside(made.id, [
    'stat',
    '-c',
    '%U %a',
    '/home/app/.ssh',
    '/home/app/.ssh/authorized_keys',
  ])
  expect(stat.stdout).toBe('app 700\napp 600\n')
  const entered = await user.run(['-u', 'app', '--via', 'ssh', made.name, 'id', '-un'])
  expect(entered.stdout.toString()).toBe('app\n')
  const listed = await user.run(['key', 'list', '-u', 'app', '--json', made.name])
  expect(JSON.parse(listed.stdout.toString())).toEqual([
    expect.objectContaining({
      whose: 'default',
      user: 'app',
      type: 'ssh-ed25519',
      file: '/home/app/.ssh/authorized_keys',
      line: 1,
    }),
  ])
})

test('one failure stops no other, and is listed; without any sshd it is said what is left', async () => {
  const user = keyring()
  const good = await sshdContainer()
  const refusing = await sshdContainer({ before: 'mkdir -p -m 700 /root/.ssh; chmod o+w /root' })
  const bare = await sshdContainer({ before: 'rm /usr/sbin/sshd', serve: false })
  const { code, stdout } = await user.run(['key', 'install', good.name, refusing.name, bare.name])
  const text = stdout.toString()
  expect(code).toBe(125)
  expect(text).toMatch(new RegExp(`✓ ${good.name} `))
  expect(text).toMatch(new RegExp(`✗ ${refusing.name} .*StrictModes: /root can be written by everybody`))
  expect(text).toMatch(new RegExp(`✗ ${bare.name} .*there is no sshd`))
  expect(text).toMatch(`1 installed, 2 not: docker-bash key install ${refusing.name} ${bare.name}\n`)
  // What was added and refused is out again.
  expect(await read(refusing.id)).toBe('')
  const alone = await user.run(['key', 'install', bare.name])
  expect(alone).toMatchObject({ code: 125, stderr: expect.stringMatching(/there is no sshd[\s\S]*exec/) })
})

test('the insecure key: marked, used only where it is installed, warned of, taken out', async () => {
  const user = keyring()
  const web = await phusionContainer({
    hostConfig: { PortBindings: { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '23822' }] } },
    more: { ExposedPorts: { '22/tcp': {} } },
  })
  await user.run(['sshd', '--enable', web.name])
  const before = await user.run(['--via', 'ssh', web.name, 'true'])
  expect(before).toMatchObject({ code: 125, stderr: expect.stringMatching(/there is no key to log in/) })
  const enabled = await user.run(['key', 'insecure', '--enable', web.name])
  expect(enabled.stderr).toMatch(/WARNING: everybody who reaches 0\.0\.0\.0:23822 can log in/)
  const listed = await user.run(['key', 'list', web.name])
  expect(listed.stdout.toString()).toMatch(/^insecure +root +ssh-/m)
  const entered = await user.run(['--via', 'ssh', web.name, 'echo', 'in'])
  expect(entered).toMatchObject({ code: 0, stdout: Buffer.from('in\n') })
  expect(entered.stderr).toMatch(/insecure key, which everybody has/)
  for (const command of [['ls'], ['explain', web.name], ['--via', 'ssh', web.name, 'true']]) {
    expect((await user.run(command)).stderr).toMatch(/WARNING: everybody who reaches 0\.0\.0\.0:23822/)
  }
  const installed = await user.run(['key', 'install', web.name])
  expect(installed.stderr).toMatch(/WARNING/)
  await user.run(['key', 'rotate', web.name])
  expect((await user.run(['key', 'list', web.name])).stdout.toString()).not.toMatch(/insecure/)
  expect((await user.run(['key', 'insecure', web.name])).stdout.toString()).toMatch(/is not let in/)
  expect((await user.run(['ls', '--filter', `name=${web.name}`])).stderr).toBe('')
})

test('sshd: how it stands, on, off; elsewhere than under runit it is left alone', async () => {
  const user = keyring()
  const web = await phusionContainer()
  expect((await user.run(['sshd', web.name])).stdout.toString()).toMatch(/does not run; switched off/)
  expect((await user.run(['sshd', '--enable', web.name])).stdout.toString()).toMatch(
    /listens on port 22; starts with the container[\s\S]*ssh-ed25519 SHA256:/,
  )
  expect((await user.run(['sshd', '--disable', web.name])).stdout.toString()).toMatch(/does not run; switched off/)
  const plain = await sshdContainer({ key: testKey() })
  expect((await user.run(['sshd', plain.name])).stdout.toString()).toMatch(/listens on port 2222; not under runit/)
  expect(await user.run(['sshd', '--disable', plain.name])).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/not looked after by runit/),
  })
})
