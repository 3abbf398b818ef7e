// What an engine is started with: its folder, its network namespace, its arguments, its certificates.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeCertificates } from './certificates.mjs'
import { Trouble } from './packages.mjs'

/** The given folder, made if missing, or a new temporary one. */
export function makeFolder(dir) {
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true, mode: 0o711 })
    return resolve(dir)
  }
  // Unix socket paths end at 107 bytes, and containerd's are 45 longer than the folder.
  const base = tmpdir().length > 40 ? '/tmp' : tmpdir()
  const made = mkdtempSync(join(base, 'docker-bash-engine-'))
  // As /var/lib/docker has it: others may come as far as the socket, whose own mode then decides.
  chmodSync(made, 0o711)
  return made
}

/** A network namespace that a file in the engine's folder holds, with its loopback up. */
export function makeNetns(folder) {
  const file = join(folder, 'netns')
  writeFileSync(file, '')
  mustRun('unshare', [`--net=${file}`, 'ip', 'link', 'set', 'lo', 'up'])
  return file
}

export function dockerdArgs(folder) {
  const net = freeNet()
  // A configuration file of its own, so that the machine's /etc/docker/daemon.json is not read. Up to 20.10 dockerd
  // writes a key into /etc/docker unless told where; later ones do not know the setting.
  const config = join(folder, 'daemon.json')
  const settings = dockerdMajor() <= 20 ? { 'deprecated-key-path': join(folder, 'key.json') } : {}
  writeFileSync(config, JSON.stringify(settings))
  return [
    ...['--config-file', config],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')],
    ...['--host', `unix://${join(folder, 'docker.sock')}`],
    ...['--bip', `${net}.0.1/24`, '--default-address-pool', `base=${net}.128.0/17,size=24`],
  ]
}

/** The first two numbers of a net that no interface here is in: `10.N`. */
function freeNet() {
  const taken = Object.values(networkInterfaces()).flatMap((addresses) => addresses.map(({ address }) => address))
  const free = Array.from({ length: 100 }, (_, i) => `10.${i + 100}`).filter(
    (net) => !taken.some((address) => address.startsWith(`${net}.`)),
  )
  return free[Math.floor(Math.random() * free.length)]
}

function dockerdMajor() {
  return Number(/version v?(\d+)/.exec(mustRun('dockerd', ['--version']))?.[1] ?? Number.POSITIVE_INFINITY)
}

/** As root has it by default: no DOCKER_* or proxy of ours steers it. Its temporary files go with the folder. */
export function dockerdEnv(folder) {
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary, { recursive: true })
  return { PATH: path(), HOME: '/root', TMPDIR: temporary }
}

function path() {
  return `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`
}

/** Certificates, the address to listen on with them, and dockerd's arguments for both. */
export async function secure(folder, netns) {
  const certPath = join(folder, 'tls')
  makeCertificates(certPath)
  const port = netns ? 2376 : await freePort()
  const file = (name) => join(certPath, name)
  const host = `tcp://127.0.0.1:${port}`
  const files = [
    '--tlscacert',
    file('ca.pem'),
    '--tlscert',
    file('server-cert.pem'),
    '--tlskey',
    file('server-key.pem'),
  ]
  return { tls: { host, certPath }, args: ['--host', host, '--tlsverify', ...files] }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function mustRun(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path() },
  })
  if (error || status !== 0) {
    const reason = error?.message ?? stderr.trim()
    throw new Trouble(`${program} ${args.join(' ')}: ${reason}`, 'a private engine needs all of root’s capabilities')
  }
  return stdout
}
