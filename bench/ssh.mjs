// A container with sshd, and what is measured of it. Its address is reached in the engine's own network namespace.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importSshd } from '../scripts/images.mjs'
import { gatewayRows } from './gateway.mjs'
import { both, echo, row } from './rows.mjs'

export async function sshRows({ ours, file, engine, folder, env }) {
  await importSshd(engine.host, 'bench/sshd:latest')
  const key = join(folder, 'id_ed25519')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const docker = (...words) =>
    execFileSync('docker', words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const name = 'bench-sshd'
  const serve = 'mkdir -p /run/sshd; mkdir -m 700 /root/.ssh; exec /usr/sbin/sshd -D'
  docker('run', '-d', '--name', name, 'bench/sshd:latest', 'sh', '-c', serve)
  docker('cp', `${key}.pub`, `${name}:/root/.ssh/authorized_keys`)
  docker('exec', name, 'chown', 'root:root', '/root/.ssh/authorized_keys')
  const address = docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', name).trim()
  const known = join(folder, 'known_hosts')
  writeFileSync(known, `${address} ${docker('exec', name, 'cat', '/etc/ssh/ssh_host_ed25519_key.pub')}`)

  const inside = `env XDG_DATA_HOME=${folder} nsenter --net=${engine.netns}`
  const us = `${inside} ${ours} --via ssh -i ${key} ${name}`
  const options = `-F none -o UserKnownHostsFile=${known} -o IdentitiesOnly=yes -i ${key} root@${address}`
  const ssh = `${inside} ssh ${options}`
  const exec = `${inside} docker exec -i ${name}`
  const eat = '"cat >/dev/null"'
  return [
    row('true, --via ssh, cold', 'ssh', `${us} true`, `${ssh} true`, echo, { atMost: 1, aim: 0.8 }),
    ...both('1 GiB, --via ssh', 'ssh', us, ssh, file, { atMost: 1, aim: 0.7 }, eat),
    ...both('1 GiB, --via ssh', 'docker exec -i', us, exec, file),
    ...gatewayRows({ ours, file, folder, env, name, login: ssh, options }),
  ]
}
