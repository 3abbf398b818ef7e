// The ways in that need root on the host, beside what they stand on: the runtime itself, util-linux's nsenter.
import { execFileSync } from 'node:child_process'
import { row } from './rows.mjs'

const echo = { rounds: 8, runs: 5 }
const bulk = { rounds: 3, runs: 1 }
const gib = 1024 ** 3

export function hostRows({ ours, container, file, engine, env }) {
  const ask = (program, ...args) => execFileSync(program, args, { env, encoding: 'utf8' }).trim()
  const [id, pid] = ask('docker', 'inspect', '--format', '{{.Id}} {{.State.Pid}}', container).split(' ')
  const root = ask('find', engine.dir, '-path', '*/runtime-runc/moby', '-prune')
  const ways = [
    ['--via runc', 'runc exec', `runc --root ${root} exec ${id}`],
    ['--via nsenter', 'nsenter', `nsenter -t ${pid} -a env -i PATH=/bin`],
  ]
  return ways.flatMap(([via, beside, enter]) => [
    row(
      `echo hello, ${via}`,
      'docker exec',
      `${ours} ${via} ${container} echo hello`,
      `docker exec ${container} echo hello`,
      echo,
    ),
    row(`echo hello, ${via}`, beside, `${ours} ${via} ${container} echo hello`, `${enter} echo hello`, echo),
    row(`1 GiB out, ${via}`, beside, out(`${ours} ${via} ${container}`), out(enter), bulk),
    row(`1 GiB in, ${via}`, beside, into(`${ours} ${via} ${container}`, file), into(enter, file), bulk),
  ])
}

const out = (enter) => `${enter} head -c ${gib} /dev/zero >/dev/null`
const into = (enter, file) => `${enter} sh -c 'cat >/dev/null' <${file}`
