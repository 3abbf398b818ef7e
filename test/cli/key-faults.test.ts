import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { docker } from '../support/docker-api'
import { keyring, secretsOf } from '../support/keyring'
import { slowness } from '../support/pace'
import { phusionContainer, sshdContainer, testKey } from '../support/sshd'

const path = '/root/.ssh/authorized_keys'
const sh = async (id: string, script: string) => (await docker().inside(id, ['sh', '-c', script])).stdout
const other = `${testKey().public}\n`
const put = `mkdir -p -m 700 /root/.ssh; printf '%s' '${other}' >${path}`

describe('authorized_keys that may not be written is refused, and stays as it is', () => {
  test.each([
    ['a link', `mkdir -m 700 /root/.ssh; printf '%s' '${other}' >/root/keys; ln -s /root/keys ${path}`, /is a link/],
    [
      'in a folder that is a link',
      `mkdir -m 700 /root/real; ln -s real /root/.ssh; printf '%s' '${other}' >${path}`,
      /is a link/,
    ],
    ['a FIFO', `mkdir -m 700 /root/.ssh; mkfifo ${path}`, /not a regular file/],
    ['a folder', `mkdir -p -m 700 ${path}`, /not a regular file/],
  ])('%s', async (_what, before, why) => {
    const user = keyring()
    const web = await sshdContainer({ before })
    const state = await sh(web.id, `ls -la /root/.ssh/; timeout 1 cat ${path} 2>&1`)
    const { code, stderr } = await user.run(['key', 'install', web.name])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(why) })
    expect(await sh(web.id, `ls -la /root/.ssh/; timeout 1 cat ${path} 2>&1`)).toBe(state)
  })

  test('in a mount, unless forced', async () => {
    const user = keyring()
    const web = await sshdContainer({
      before: 'chmod 700 /root/.ssh',
      hostConfig: { Tmpfs: { '/root/.ssh': 'mode=700' } },
    })
    expect(await user.run(['key', 'install', web.name])).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/lies in a mount/),
    })
    expect(await user.run(['key', 'install', '--force', web.name])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a login that cannot be a session is not enrolled, and what stands in the way is said', () => {
  test.each([
    ['PermitTTY no', 'echo PermitTTY no >>/etc/ssh/sshd_config', /gives this login no terminal\n.*PermitTTY no/],
    [
      'ForceCommand',
      'echo ForceCommand uptime >>/etc/ssh/sshd_config',
      /no command could be started.*\n.*forced command/,
    ],
  ])('%s', async (_, before, why) => {
    const user = keyring()
    const web = await sshdContainer({ before })
    const { code, stderr } = await user.run(['key', 'install', web.name])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(why) })
    expect(await sh(web.id, `cat ${path}`)).toBe('')
    // So the plain command goes another way.
    expect((await user.run([web.name, 'echo', 'in'])).stdout.toString()).toBe('in\n')
  })
  test('an older line of the same key with a command of its own', async () => {
    const user = keyring()
    const web = await sshdContainer()
    await user.run(['key', 'generate'])
    const { stdout } = await user.run(['key', 'list', '--json'])
    const line = readFileSync(
      `${JSON.parse(stdout.toString()).keys?.[0]?.path ?? join(user.data, 'keys', 'default')}.pub`,
      'utf8',
    )
    const forced = `command="uptime" ${line.trim()}\n`
    await sh(web.id, `mkdir -p -m 700 /root/.ssh; printf '%s' '${forced}' >${path}`)
    const { code, stderr } = await user.run(['key', 'install', web.name])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/forced command/) })
    expect(await sh(web.id, `cat ${path}`)).toBe(forced)
  })
})

describe('an account that lets nobody in is named, whatever the key', () => {
  const add = (more: string) =>
    `echo "app:x:1000:1000::/home/app:/bin/sh" >>/etc/passwd; echo "app:*:19000::::::" >>/etc/shadow; mkdir -p -m 755 /home/app; chown 1000:1000 /home/app; ${more}`
  const shell = (path: string) => `sed -i "s,^app:.*,app:x:1000:1000::/home/app:${path}," /etc/passwd`
  test.each([
    ['a shell that is not there', shell('/bin/nosuch'), /the login shell of app, \/bin\/nosuch, is not there/],
    ['a shell that cannot be run', shell('/etc/passwd'), /the login shell of app, \/etc\/passwd, cannot be run/],
    [
      'a lock, without PAM',
      'sed -i "s,^app:[*],app:!," /etc/shadow; echo UsePAM no >/etc/ssh/sshd_config.d/0.conf',
      /the account of app is locked .* UsePAM is no/,
    ],
    ['its last day', 'sed -i "s,^app:.*,app:*:19000:::::1:," /etc/shadow', /the account of app has expired/],
  ])('%s', async (_, more, why) => {
    const user = keyring()
    const web = await sshdContainer({ before: add(more) })
    const { code, stderr } = await user.run(['key', 'install', '-u', 'app', web.name])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(why) })
    const entered = await user.run(['--via', 'ssh', '-i', testKey().path, '-u', 'app', web.name, 'true'])
    expect({ ...entered }).toMatchObject({ code: 125, stderr: expect.stringMatching(why) })
    expect(entered.stderr).toMatch(`--via exec -u app ${web.name}`)
  })
  test('and one that is in order lets in', async () => {
    const user = keyring()
    const web = await sshdContainer({ before: add(':') })
    expect(await user.run(['key', 'install', '-u', 'app', web.name])).toMatchObject({ code: 0, stderr: '' })
  })
})

test('a terminal that a server does not give is said', async () => {
  const key = testKey()
  const web = await sshdContainer({ key, before: 'echo PermitTTY no >>/etc/ssh/sshd_config' })
  const { code, stderr } = await keyring().run(['--via', 'ssh', '-i', key.path, '-t', web.name, 'true'])
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/gives this login no terminal/) })
  expect((await keyring().run(['--via', 'ssh', '-i', key.path, web.name, 'true'])).code).toBe(0)
})

test('a full disk loses nothing', async () => {
  const user = keyring()
  const web = await sshdContainer({ hostConfig: { Tmpfs: { '/root/.ssh': 'mode=700,size=64k' } } })
  await sh(web.id, `${put}; head -c 200000 /dev/zero >/root/.ssh/fill`)
  const { code, stderr } = await user.run(['key', 'install', '--force', web.name])
  expect({ code, stderr }).toEqual({
    code: 125,
    stderr: expect.stringMatching(/no space left[\s\S]*nothing was changed/),
  })
  expect(await sh(web.id, `cat ${path}; ls -A /root/.ssh`)).toBe(`${other}authorized_keys\nfill\n`)
})

test('a read-only root loses nothing, and it is said what to do', async () => {
  const user = keyring()
  const web = await sshdContainer({ hostConfig: { ReadonlyRootfs: true, Tmpfs: { '/run': '' } } })
  const { code, stderr } = await user.run(['key', 'install', web.name])
  expect({ code, stderr }).toEqual({
    code: 125,
    stderr: expect.stringMatching(/file system is read-only[\s\S]*snippet/),
  })
})

test('a writer at the same time loses nothing of theirs', async () => {
  const user = keyring()
  const web = await sshdContainer({ before: put })
  const writing = sh(web.id, `i=0; while [ $i -lt 300 ]; do echo "# line $i" >>${path}; i=$((i + 1)); sleep 0.01; done`)
  const installed = await user.run(['key', 'install', web.name])
  await writing
  const text = await sh(web.id, `cat ${path}`)
  expect(installed).toMatchObject({ code: 0, stderr: '' })
  expect(text).toMatch(/docker-bash default/)
  expect(text.startsWith(other)).toBe(true)
  const missing = [...Array(300).keys()].filter((number) => !text.includes(`# line ${number}\n`))
  expect(missing).toEqual([])
})

test('two at once: both keys are in', async () => {
  const web = await sshdContainer({ before: put })
  const users = [keyring(), keyring(), keyring()]
  const done = await Promise.all(users.map((user) => user.run(['key', 'install', web.name])))
  expect(done.map(({ code, stderr }) => [code, stderr])).toEqual(users.map(() => [0, '']))
  const text = await sh(web.id, `cat ${path}; ls -A /root/.ssh`)
  for (const user of users) expect(text).toMatch(readFileSync(join(user.data, 'keys', 'default.pub'), 'utf8'))
  expect(text.endsWith('\nauthorized_keys\n')).toBe(true)
})

describe('list reads whatever stands there, within bounds', () => {
  test.each([
    ['a FIFO', `mkfifo ${path}`, /not a regular file/],
    ['a link to /dev/zero', `ln -s /dev/zero ${path}`, /not a regular file/],
    ['3 GB of nothing', `truncate -s 3G ${path}`, /larger than is read/],
    ['a link to itself', `ln -s ${path} ${path}`, /not a regular file/],
  ])('%s', async (_what, make, note) => {
    const web = await sshdContainer({ before: `mkdir -m 700 /root/.ssh; ${make}` })
    const from = Date.now()
    const { code, stderr } = await keyring().run(['key', 'list', web.name])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(note) })
    expect(Date.now() - from).toBeLessThan(15_000 * (await slowness()))
  })

  test('escape characters and forged lines', async () => {
    const line = testKey().public.replace(/ test$/, ' \x1b]0;title\x07\u202e')
    const web = await sshdContainer({
      before: `mkdir -m 700 /root/.ssh; printf 'file /etc/other\\n%s\\n' "${line}" >${path}`,
    })
    const { stdout } = await keyring().run(['key', 'list', web.name])
    expect(stdout.toString()).toMatch(`${path}:2`)
    expect(stdout.toString()).toMatch('\\x1b]0;title\\x07\\u202e')
    expect(stdout.toString()).not.toMatch(/\x1b|\u202e|\/etc\/other/)
  })
})

test('no key material in any output, process list or note; passphrases by SSH_ASKPASS', async () => {
  const user = keyring()
  const web = await phusionContainer()
  const ask = join(user.home, 'ask')
  writeFileSync(ask, '#!/bin/sh\necho "open sesame"\n', { mode: 0o755 })
  const env = { SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force', DEBUG: '1' }
  const seen: string[] = []
  const watching = setInterval(() => seen.push(...processes().map(({ args }) => args.join(' '))), 50)
  const outputs: string[] = []
  for (const args of [
    ['key', 'generate', '--passphrase', 'default'],
    ['key', 'install', web.name, '--json'],
    ['key', 'list', '--json'],
    ['-v', web.name, 'true'],
    ['key', 'rotate', web.name, '--json'],
    ['key', 'revoke', web.name],
    ['key', 'snippet'],
    ['explain', '--json', web.name],
  ]) {
    const { code, stdout, stderr } = await user.run(args, { env })
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' })
    outputs.push(stdout.toString(), stderr)
  }
  clearInterval(watching)
  const secrets = user.keys().flatMap((name) => secretsOf(user.key(name)))
  expect(secrets.length).toBeGreaterThan(5)
  const all = [...outputs, ...seen].join('\n')
  for (const secret of [...secrets, 'open sesame']) expect(all).not.toContain(secret)
})
