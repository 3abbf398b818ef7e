/** Text of a container's author, a network's, an engine's: printed, as text or as JSON, it is text and nothing else. */
import { run, shell } from '../support/cli'
import type { Container } from '../support/containers'
import { docker } from '../support/docker-api'
import { sshdContainer } from '../support/sshd'

/** C0, C1, bidi, line separators, tags. */
const acts = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u
const evil = 'x\u009b31m\u202eevil\u2028\u{e0041}\u0085'
const worse = `\u001b]0;owned\u0007\u007f${evil}`

let target: Container
const network = `net-${process.pid}-${evil}`
beforeAll(async () => {
  await docker().call('POST', '/networks/create', { Name: network })
  target = await sshdContainer({
    serve: false,
    labels: {
      'com.docker.compose.service': worse,
      'com.docker.compose.project': worse,
      'docker-bash.workdir': `/${evil}`,
      [worse]: worse,
    },
    env: [`EVIL=${worse}`],
    hostConfig: { NetworkMode: network },
  })
  const authorise = `mkdir -p -m 700 /root/.ssh; ssh-keygen -q -t ed25519 -N '' -C "$0" -f /root/key; cat /root/key.pub >/root/.ssh/authorized_keys`
  expect((await docker().inside(target.id, ['sh', '-c', authorise, worse])).code).toBe(0)
})
afterAll(async () => {
  await target.remove()
  await docker().call('DELETE', `/networks/${encodeURIComponent(network)}`)
})

const commands: string[][] = [
  ['ls'],
  ['ip', 'TARGET'],
  ['explain', 'TARGET'],
  ['config', 'TARGET'],
  ['key', 'list', 'TARGET'],
  ['key', 'insecure', 'TARGET'],
  ['sshd', 'TARGET'],
  ['doctor'],
]

test.each(commands)('%s %s', async (...words) => {
  const typed = words.map((word) => (word === 'TARGET' ? target.name : word))
  // At a terminal: some say more there.
  const line = ['docker-bash', ...typed].join(' ')
  const { stdout } = await shell(`script -qec '${line}' /dev/null </dev/null`)
  expect(stdout.toString().replaceAll('\r\n', '\n')).not.toMatch(acts)
  const flag = typed.indexOf(target.name)
  const json = await run(flag < 0 ? [...typed, '--json'] : [...typed.slice(0, flag), '--json', ...typed.slice(flag)])
  expect(json.stdout.toString()).not.toMatch(acts)
  expect(json.stderr).not.toMatch(acts)
  JSON.parse(json.stdout.toString())
})

test('as JSON it is the same text', async () => {
  const told = async (...words: string[]) => JSON.parse((await run(words)).stdout.toString())
  expect((await told('ip', '--json', target.name))[0].network).toBe(network)
  expect(await told('ls', '--json')).toContainEqual(expect.objectContaining({ name: target.name, service: worse }))
  expect((await told('explain', '--json', target.name)).target.labels[worse]).toBe(worse)
  expect((await told('key', 'list', '--json', target.name))[0].comment).toBe(worse)
})

test('a key is listed whatever its comment is: sshd takes it', async () => {
  const hide = `cd /root; key=$(cut -d' ' -f1,2 key.pub)
    printf '%s a\\rb\\n%s \\342\\200\\250\\n%s ' "$key" "$key" "$key" >.ssh/authorized_keys
    head -c 100000 /dev/zero | tr '\\0' x >>.ssh/authorized_keys`
  expect((await docker().inside(target.id, ['sh', '-c', hide])).code).toBe(0)
  const { stdout } = await run(['key', 'list', '--json', target.name])
  expect(JSON.parse(stdout.toString())).toHaveLength(3)
})

test('lines of a command, as JSON', async () => {
  const { stdout, code } = await run(['run', '--json', '-w', '/', target.name, '--', 'printf', '%s\\n', evil])
  expect(code).toBe(0)
  expect(stdout.toString()).not.toMatch(acts)
  expect(JSON.parse(stdout.toString().split('\n')[0] ?? '')).toMatchObject({ line: evil })
})
