// OpenSSH's clients by `docker-bash proxy`, beside a login at an sshd in the same container, and beside the engine's exec.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { both, echo, row } from './rows.mjs'

/** What stands beside it takes half a minute. */
const few = { rounds: 3, runs: 1 }

/** @param login the line that logs in at the sshd in the container of this name */
export function gatewayRows({ ours, file, folder, env, name, login }) {
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
  const files = (verb) => {
    const theirs = `sftp -q -b - -D '${exec} /usr/lib/openssh/sftp-server'`
    return [`echo ${verb} | ${client('sftp', '-q -b -')} ${to} >/dev/null`, `echo ${verb} | ${theirs} >/dev/null`]
  }
  const sftp = (what, verb, atMost, prepare) =>
    row(`sftp: ${what}`, 'sftp-server by docker exec', ...files(verb), few, {
      ...{ atMost, aim: atMost / 2, before: () => void inside(prepare) },
    })
  const [out, into] = both('1 GiB, ssh by proxy', 'docker exec -i', ssh, exec, file, { atMost: 1, aim: 0.8 })
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
    sftp('1 GiB out', 'get /gib /dev/null', 0.4, 'truncate -s 1G /gib'),
    sftp('1 GiB in', `put ${file} /put`, 0.4, 'true'),
    sftp('100,000 names', 'ls -1f /many', 0.7, 'mkdir /many; cd /many; seq 100000 | xargs touch'),
  ]
}
