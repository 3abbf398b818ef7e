/** Engines that are not behind a plain socket: TLS, ssh, Podman's. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { ensurePackages } from '../../scripts/packages.mjs'
import { run } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, importImage, privateEngine, scratch, sharedEngine } from '../support/engine'
import { within } from '../support/environment'
import { until } from '../support/until'

/** What an everyday session needs of a connection: streams both ways, codes, signals from afar. */
async function everyday(name: string, options: Parameters<typeof run>[1]) {
  const bytes = Buffer.alloc(3_000_000, 'x')
  const both = await run([name, 'sh', '-c', 'cat; echo err >&2; exit 42'], { ...options, input: bytes })
  expect({ code: both.code, length: both.stdout.length, stderr: both.stderr }).toEqual({
    code: 42,
    length: bytes.length,
    stderr: 'err\n',
  })
  expect((await run([name], { ...options, input: 'echo in a shell\n' })).stdout.toString()).toBe('in a shell\n')
  expect((await run([name, 'nosuch'], options)).code).toBe(127)
}

test('tcp with TLS; without its certificates it is refused', async () => {
  const engine = await privateEngine(['busybox'], { tls: true })
  const { name } = await container({ image: 'busybox', on: docker(engine.host) })
  const { host = '', certPath = '' } = engine.tls ?? {}
  const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certPath }
  await everyday(name, { place: engine, env })
  const refused = await run([name, 'true'], { place: engine, env: { ...env, DOCKER_CERT_PATH: scratch('empty') } })
  expect(refused).toMatchObject({
    code: 125,
    stdout: Buffer.alloc(0),
    stderr: expect.stringMatching(/no engine at tcp:/),
  })
}, 120_000)

test('ssh, through `docker system dial-stdio`', async () => {
  ensurePackages({ sshd: 'openssh-server', ssh: 'openssh-client', docker: 'docker.io' })
  const { bin, host } = await sshd()
  const { name } = await container({ image: 'busybox' })
  const PATH = `${bin}:${process.env.DOCKER_BASH_TEST_BIN}:/usr/local/bin:/usr/sbin:/usr/bin:/bin`
  await everyday(name, { env: { PATH, DOCKER_HOST: host }, timeoutMs: 60_000 })
  const wrong = await run([name, 'true'], { env: { PATH, DOCKER_HOST: host.replace(/:\d+\//, ':1/') } })
  expect(wrong).toMatchObject({ code: 125, stderr: expect.stringMatching(/no engine at ssh:.*(refused|closed)/i) })
}, 120_000)

/** A real sshd on the loopback of the tests' namespace, and an ssh in PATH that knows its keys. */
async function sshd() {
  const folder = scratch('sshd')
  chmodSync(folder, 0o755)
  const key = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    return execFileSync('cat', [join(folder, `${name}.pub`)]).toString()
  }
  const hostKey = key('host')
  writeFileSync(join(folder, 'authorized'), key('user'))
  writeFileSync(join(folder, 'known'), `[127.0.0.1]:2022 ${hostKey}`)
  mkdirSync('/run/sshd', { recursive: true })
  const settings = [
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized`,
    'ListenAddress 127.0.0.1:2022',
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    `PidFile none`,
    'PrintMotd no',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`)
  const [program = '', ...args] = within(sharedEngine(), [
    '/usr/sbin/sshd',
    '-D',
    '-e',
    '-f',
    join(folder, 'sshd_config'),
  ])
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  closing.push(() => child.kill())
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk))
  await until(
    () => /Server listening/.test(log),
    10_000,
    () => log,
  )
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const options = [`IdentityFile=${folder}/user`, `UserKnownHostsFile=${folder}/known`, 'IdentitiesOnly=yes']
  const flags = options.map((option) => `-o ${option}`).join(' ')
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F none ${flags} "$@"\n`)
  chmodSync(join(bin, 'ssh'), 0o755)
  return { bin, host: `ssh://root@127.0.0.1:2022${sharedEngine().host.slice('unix://'.length)}` }
}

test("Podman's Docker API", async () => {
  ensurePackages({ podman: 'podman', crun: 'crun' })
  // Podman takes no longer path than 50 characters for its run folder.
  const folder = mkdtempSync('/tmp/dbp-')
  const socket = join(folder, 'podman.sock')
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--runtime', '/usr/sbin/runc']
  const [program = '', ...args] = within(sharedEngine(), [
    'podman',
    ...storage,
    '--cgroup-manager',
    'cgroupfs',
    'system',
    'service',
  ])
  const child = spawn(program, [...args, '--time', '0', `unix://${socket}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  closing.push(() => child.kill())
  closing.push(() => execFileSync('sh', ['-c', 'umount "$0/root/overlay" 2>/dev/null; rm -r "$0"', folder]))
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk))
  const host = `unix://${socket}`
  const answers = () =>
    request(host, 'GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    )
  await until(answers, 20_000, () => log)
  await importImage(host, 'busybox')
  const Ulimits = [
    { Name: 'nofile', Soft: 1024, Hard: 1024 },
    { Name: 'nproc', Soft: 1000, Hard: 1000 },
  ]
  const { name } = await container({
    image: 'busybox',
    on: docker(host),
    hostConfig: { Ulimits, NetworkMode: 'host' },
  })
  expect(images.busybox).toMatch('busybox')
  await everyday(name, { env: { DOCKER_HOST: host }, timeoutMs: 60_000 })
}, 120_000)

const closing: Array<() => void> = []
afterAll(() => {
  for (const close of closing) close()
})
