import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { docker } from '../support/docker-api'
import { keyring } from '../support/keyring'
import { waitForProcess, waitGone } from '../support/processes'
import { sshdContainer, testKey } from '../support/sshd'

const key = testKey()
const via = ['--via', 'ssh', '-i', key.path]
const sh = (id: string, script: string) => docker().inside(id, ['sh', '-c', script])

test('another host key is refused, with both fingerprints; nothing is trusted at first use', async () => {
  const user = keyring()
  const web = await sshdContainer({ key })
  expect(await user.run([...via, web.name, 'echo', 'in'])).toMatchObject({ code: 0, stdout: Buffer.from('in\n') })
  const old = (await sh(web.id, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).stdout.split(' ')[1]
  await sh(web.id, 'rm /etc/ssh/ssh_host_*; ssh-keygen -qA; kill -HUP 1')
  const now = (await sh(web.id, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).stdout.split(' ')[1] ?? ''
  expect(now).not.toBe(old)
  const refused = await user.run([...via, web.name, 'echo', 'in'])
  expect(refused).toMatchObject({ code: 125, stdout: Buffer.alloc(0) })
  expect(refused.stderr).toMatch(`offered  ${now}  expected  ${old}`)
  // By its fingerprint, for once; or read and pinned anew.
  expect((await user.run([...via, '--host-key', now, web.name, 'true'])).code).toBe(0)
  expect((await user.run([...via, web.name, 'true'])).code).toBe(125)
  expect((await user.run(['key', 'install', web.name])).code).toBe(0)
  expect((await user.run([...via, web.name, 'true'])).code).toBe(0)
})

test('a server that is not the one the files speak of is refused at the first login', async () => {
  const user = keyring()
  const before = 'ssh-keygen -q -t ed25519 -N "" -f /other'
  const web = await sshdContainer({ key, serve: false })
  await sh(web.id, `${before}; mkdir -p /run/sshd; /usr/sbin/sshd -p 2222 -h /other`)
  await sh(web.id, 'echo Port 2222 >>/etc/ssh/sshd_config')
  const refused = await user.run([...via, web.name, 'echo', 'in'])
  expect(refused).toMatchObject({
    code: 125,
    stdout: Buffer.alloc(0),
    stderr: expect.stringMatching(/offered {2}SHA256:.*expected {2}SHA256:/),
  })
})

test('host keys that cannot be read: the error names the flag, which takes one by its fingerprint', async () => {
  const user = keyring()
  const web = await sshdContainer({ key, port: 22 })
  const { stdout } = await sh(web.id, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; rm /etc/ssh/ssh_host_*.pub')
  const fingerprint = stdout.split(' ')[1] ?? ''
  const refused = await user.run([...via, web.name, 'true'])
  expect(refused).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/no host keys that can be read[\s\S]*--host-key SHA256:/),
  })
  expect((await user.run([...via, '--host-key', fingerprint, web.name, 'true'])).code).toBe(0)
  expect((await user.run([...via, '--host-key', `SHA256:${'A'.repeat(43)}`, web.name, 'true'])).code).toBe(125)
  expect((await user.run([...via, '--host-key', 'SHA256:short', web.name, 'true'])).stderr).toMatch(
    /invalid host key fingerprint "SHA256:short"/,
  )
})

test('an sshd that accepts and never answers: another road is taken, with a deadline', async () => {
  const user = keyring()
  const web = await sshdContainer({ key })
  await user.run([...via, web.name, 'true'])
  // From outside: a first process is deaf to it from inside.
  process.kill((await docker().inspect(web.id)).State.Pid, 'SIGSTOP')
  const from = Date.now()
  const { code, stderr } = await user.run(['-v', ...via, web.name, 'true'], { timeoutMs: 60_000 })
  expect(Date.now() - from).toBeLessThan(30_000)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/-i over an exec/) })
})

test('an sshd that dies in mid-session: 255, and nothing stays', async () => {
  const user = keyring()
  const web = await sshdContainer({ key })
  const running = user.start([...via, web.name, 'sh', '-c', 'echo ready; sleep 7101'])
  await running.said(/ready/)
  const { pid } = await waitForProcess(web.id, /^sshd: root@notty/)
  process.kill(pid, 'SIGKILL')
  const { code, stderr } = await running.ended
  expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(/lost .*connection/) })
  await waitGone(web.id, /7101|docker-bash/, 3000)
})

test('a container that is removed in mid-session: 255, never 0', async () => {
  const user = keyring()
  const web = await sshdContainer({ key })
  const running = user.start([...via, web.name, 'sh', '-c', 'echo ready; sleep 7102'])
  await running.said(/ready/)
  await web.remove()
  expect((await running.ended).code).toBe(255)
})

test('whatever fails, no key material is in it; what is pinned is nobody else’s to read', async () => {
  const user = keyring()
  const web = await sshdContainer({ key: testKey() })
  const { code, stderr } = await user.run(['-v', ...via, web.name, 'true'], { env: { DEBUG: '1' } })
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/lets nobody in as root with the key/) })
  expect(stderr).not.toMatch(/BEGIN|b3BlbnNzaC1rZXk/)
  expect(readdirSync(join(user.data, 'hosts'))).toEqual([`${web.id}.json`])
})

test('a server that falls silent in mid-session is noticed by keep-alive: 255, and the reason', async () => {
  const user = keyring()
  const web = await sshdContainer({ key })
  const running = user.start([...via, web.name, 'sh', '-c', 'echo ready; sleep 7201'], { timeoutMs: 120_000 })
  await running.said(/ready/)
  await docker().act('pause', web.id)
  const { code, stderr } = await running.ended
  await docker().act('unpause', web.id)
  expect(code).toBe(255)
  expect(stderr).toMatch(/has not answered for a minute/)
})
