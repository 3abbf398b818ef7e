import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyring } from '../support/keyring'
import { sshdContainer, testKey } from '../support/sshd'
import { openTerminal } from '../support/tmux'

/** An agent of the test's own, ended with the test file. */
function agent(...keys: string[]): string {
  const said = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(said)?.[1] ?? ''
  agents.push(Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]))
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
  return socket
}
const agents: number[] = []
afterAll(() => {
  for (const pid of agents) process.kill(pid)
})

const askpass = (home: string, answer: string) => {
  const path = join(home, 'askpass')
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 })
  return { SSH_ASKPASS: path, SSH_ASKPASS_REQUIRE: 'force' }
}

test.each(['ed25519', 'ecdsa', 'rsa'] as const)(
  'an %s key with a passphrase, asked for by SSH_ASKPASS',
  async (type) => {
    const user = keyring()
    const key = testKey(type, 'secret words')
    const web = await sshdContainer({ key })
    const enter = ['--via', 'ssh', '-i', key.path, web.name, 'echo', 'in']
    const entered = await user.run(enter, { env: askpass(user.home, 'secret words') })
    expect(entered).toMatchObject({ code: 0, stdout: Buffer.from('in\n') })
    const wrong = await user.run(enter, { env: askpass(user.home, 'wrong') })
    expect(wrong).toMatchObject({ code: 125, stderr: expect.stringMatching(/not the passphrase/) })
  },
)

test('a passphrase is asked for at the terminal, whatever the input is, and not shown', async () => {
  const key = testKey('ed25519', 'typed words')
  const web = await sshdContainer({ key })
  const line = `echo data | docker-bash --via ssh -i ${key.path} ${web.name} sh -c 'cat; echo end'`
  const terminal = await openTerminal({ columns: 200, command: ['bash', '-c', line] })
  await terminal.until(/passphrase of/)
  await terminal.type('typed words')
  await terminal.keys('Enter')
  const screen = await terminal.until(/^data\nend/m, 30_000)
  expect(screen).not.toMatch(/typed words/)
  await terminal.kill()
})

test('the agent’s keys, a public half with its private one in the agent, and the agent itself only with -A', async () => {
  const user = keyring()
  const [one, two] = [testKey(), testKey('rsa')]
  const web = await sshdContainer({ key: two })
  const env = { SSH_AUTH_SOCK: agent(one.path, two.path) }
  const list = ['sh', '-c', 'ssh-add -l 2>&1; echo "$SSH_AUTH_SOCK"']
  const plain = await user.run(['-v', '--via', 'ssh', web.name, ...list], { env })
  expect(plain.stderr).toMatch(`with the key of the agent (${two.fingerprint})`)
  expect(plain.stdout.toString()).toMatch(/Could not open a connection[\s\S]*\n\n$/)
  const forwarded = await user.run(['-A', '--via', 'ssh', '-i', `${two.path}.pub`, web.name, ...list], { env })
  expect(forwarded.stdout.toString()).toMatch(one.fingerprint)
  expect(forwarded.stdout.toString()).toMatch(/\/tmp\/ssh-/)
  const without = await user.run(['--via', 'ssh', '-i', `${two.path}.pub`, web.name, 'true'])
  expect(without).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/the agent does not hold its private half/),
  })
})

test('more keys than a server looks at in one connection', async () => {
  const user = keyring()
  const keys = Array.from({ length: 9 }, () => testKey())
  const last = testKey()
  const web = await sshdContainer({ key: last })
  const env = { SSH_AUTH_SOCK: agent(...keys.map(({ path }) => path), last.path) }
  expect(await user.run(['--via', 'ssh', web.name, 'echo', 'in'], { env })).toMatchObject({
    code: 0,
    stdout: Buffer.from('in\n'),
  })
})

test('the usual file in ~/.ssh; and a name that logs nobody in', async () => {
  const user = keyring()
  const key = testKey()
  const web = await sshdContainer({ key })
  const home = join(user.home, 'home')
  mkdirSync(join(home, '.ssh'), { recursive: true })
  execFileSync('cp', [key.path, join(home, '.ssh', 'id_ed25519')])
  const env = { HOME: home }
  expect((await user.run(['--via', 'ssh', web.name, 'echo', 'in'], { env })).stdout.toString()).toBe('in\n')
  const nobody = await user.run(['--via', 'ssh', '-u', 'daemon', web.name, 'true'], { env })
  expect(nobody).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/lets nobody in as daemon[\s\S]*key install -u daemon/),
  })
})
