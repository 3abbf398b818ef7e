// OpenSSH's clients by `docker-bash proxy`, beside a login at an sshd in the same container, and beside the engine's exec.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { both, echo, row } from './rows.mjs'

/** What stands beside it takes half a minute. */
const few = { rounds: 3, runs: 1 }

/**
 * @param login the line that logs in at the sshd in the container of this name
 * @param options of a client that may log in there, with the host to name
 */
export function gatewayRows({ ours, file, folder, env, name, login, options }) {
  const config = join(folder, 'ssh_config')
  const where = { ...env, XDG_DATA_HOME: folder }
  writeFileSync(config, execFileSync(ours, ['ssh-config'], { env: where }))
  const client = (program, more = '') => `env XDG_DATA_HOME=${folder} ${program} -F ${config} ${more}`
  const to = `${name}.docker`
  const ssh = `${client('ssh')} ${to}`
  const master = `-o ControlPath=${join(folder, 'master')}`
  const exec = `docker exec -i ${name}`
  const inside = (script) => execFileSync('docker', ['exec', name, 'sh', '-c', script], { env: where })
  /** A row whose memory is the proxy's. */
  const withPeak = (made, more) => ({ ...made, peak: () => peakOf(more) })
  const peakOf = (more) => {
    const said = join(folder, 'peak')
    const proxy = `-o 'ProxyCommand=nohup /usr/bin/time -f %%M -o ${said} ${ours} proxy %n'`
    rmSync(said, { force: true })
    // ssh hangs up on its proxy, and does not wait for it.
    const line = `${client('ssh', proxy)} ${to} ${more}; until test -s ${said}; do sleep 0.1; done`
    execFileSync('sh', ['-c', line], { env: where })
    return Number(readFileSync(said, 'utf8').trim().split('\n').at(-1)) / 1024
  }
  // The least that an SSH server can take: OpenSSH's own, in the container's namespaces, by a pipe. It asks no name server.
  const pid = execFileSync('docker', ['inspect', '-f', '{{.State.Pid}}', name], { env, encoding: 'utf8' }).trim()
  const pipe = `-o 'ProxyCommand=nsenter -t ${pid} -a /usr/sbin/sshd -i -u0 -o UsePAM=no' -c aes128-gcm@openssh.com ${options}`
  const files = (verb, program) => `echo ${verb} | ${program} >/dev/null`
  const beside = 'sftp-server by docker exec'
  const sftp = (what, verb, atMost, prepare) => {
    const theirs = files(verb, `sftp -q -b - -D '${exec} /usr/lib/openssh/sftp-server'`)
    const before = () => void inside(prepare)
    return [
      row(`sftp: ${what}`, beside, files(verb, `${client('sftp', '-q -b -')} ${to}`), theirs, few, {
        ...{ atMost, aim: atMost / 2, before },
      }),
      row(`sftp: ${what}, sshd by a pipe`, beside, files(verb, `sftp -q -b - ${pipe}`), theirs, few, {}),
    ]
  }
  const [out, into] = both('1 GiB, ssh by proxy', 'docker exec -i', ssh, exec, file, { atMost: 1, aim: 0.8 })
  const least = both('1 GiB, sshd by a pipe', 'docker exec -i', `ssh ${pipe}`, exec, file)
  return [
    row('true, ssh by proxy', 'ssh', `${ssh} true`, `${login} true`, echo, { atMost: 1, aim: 0.8 }),
    row(
      'true, over a ControlMaster',
      'true, ssh by proxy',
      `${client('ssh', master)} ${to} true`,
      `${ssh} true`,
      echo,
      {
        ...{ atMost: 0.5, aim: 0.4 },
        before: () => {
          execFileSync('sh', ['-c', `${client('ssh', `-MNf ${master}`)} ${to} 2>/dev/null`], { env: where })
          return () =>
            execFileSync('sh', ['-c', `${client('ssh', `-O exit ${master}`)} ${to} 2>/dev/null`], { env: where })
        },
      },
    ),
    withPeak(out, "'dd if=/dev/zero bs=1M count=1024' >/dev/null 2>&1"),
    withPeak(into, `'cat >/dev/null' <${file}`),
    ...least,
    ...sftp('1 GiB out', 'get /gib /dev/null', 0.4, 'truncate -s 1G /gib'),
    ...sftp('1 GiB in', `put ${file} /put`, 0.4, 'true'),
    ...sftp('100,000 names', 'ls -1f /many', 0.7, 'mkdir -p /many; cd /many; seq 100000 | xargs touch'),
  ]
}
