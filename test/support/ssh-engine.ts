/** An engine behind ssh: a real sshd in the engine's network namespace, and an ssh that knows its keys. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { type Place, scratch, sharedEngine } from './engine'
import { within } from './environment'
import { until } from './until'

export interface SshEngineOptions {
  /** Which engine; default: the shared one. */
  readonly place?: Place
  /** Where its sshd listens, in the engine's namespace. */
  readonly address?: string
  /** Default 2022. */
  readonly port?: number
}

export interface SshEngine {
  /** `ssh://root@ADDRESS:PORT/path/of/docker.sock` */
  readonly host: string
  /** For PATH: an ssh that has the user's key and knows the host's. To port 22 it goes to this one. */
  readonly path: string
}

/** Serves until the file's last test. Whoever logs in finds the engine in DOCKER_HOST. */
export async function engineBySsh(options: SshEngineOptions = {}): Promise<SshEngine> {
  const { place = sharedEngine(), address = '127.0.0.1', port = 2022 } = options
  ensurePackages({ sshd: 'openssh-server', ssh: 'openssh-client', docker: 'docker.io' })
  const folder = scratch('sshd')
  chmodSync(folder, 0o755)
  const key = (name: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    return readFileSync(join(folder, `${name}.pub`), 'utf8')
  }
  writeFileSync(join(folder, 'known'), `[${address}]:${port} ${key('host')}`)
  writeFileSync(join(folder, 'authorized'), key('user'))
  mkdirSync('/run/sshd', { recursive: true })
  const config = join(folder, 'sshd_config')
  writeFileSync(
    config,
    `HostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\nListenAddress ${address}:${port}\n` +
      `SetEnv DOCKER_HOST=${place.host}\nStrictModes no\nPermitRootLogin yes\nUsePAM no\nPidFile none\nPrintMotd no\n`,
  )
  // A shell that reads nothing of this machine's: bash takes its user's ~/.bashrc when sshd starts it.
  const passwd = readFileSync('/etc/passwd', 'utf8').replace(/^(root:.*:)[^:]*$/m, '$1/bin/sh')
  writeFileSync(join(folder, 'passwd'), passwd)
  const serve = 'mount --bind "$0/passwd" /etc/passwd && exec /usr/sbin/sshd -D -e -f "$0/sshd_config"'
  const own = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', serve, folder]
  const [program = '', ...args] = within(place, own)
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  serving.push(() => child.kill())
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk))
  await until(
    () => /Server listening/.test(log),
    10_000,
    () => log,
  )
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const settings = [`IdentityFile=${folder}/user`, `UserKnownHostsFile=${folder}/known`, 'IdentitiesOnly=yes']
  const flags = settings.map((setting) => `-o ${setting}`).join(' ')
  // What stands last counts least: a port that was asked for stays.
  writeFileSync(join(folder, 'ssh_config'), `Port ${port}\n`)
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${folder}/ssh_config ${flags} "$@"\n`)
  chmodSync(join(bin, 'ssh'), 0o755)
  return {
    host: `ssh://root@${address}:${port}${place.host.slice('unix://'.length)}`,
    path: `${bin}:${process.env.DOCKER_BASH_TEST_BIN}:/usr/local/bin:/usr/sbin:/usr/bin:/bin`,
  }
}

const serving: Array<() => void> = []
afterAll(() => {
  for (const stop of serving) stop()
})
