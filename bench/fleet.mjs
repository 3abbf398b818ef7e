// One command in many containers, beside the line that people write for it.
import { execFileSync } from 'node:child_process'
import { row } from './rows.mjs'

const count = 40

export function fleetRows({ ours, env }) {
  const docker = 'docker ps -q | xargs -P 8 -n 1 docker exec'
  const theirs = 'docker ps -q --filter name=fleet- | xargs -P 8 -I{} docker exec {} echo hello >/dev/null'
  const how = { rounds: 6, runs: 3 }
  const line = (...flags) => [ours, 'run', ...flags, "'fleet-*'", '-- echo hello >/dev/null 2>&1'].join(' ')
  // Only while they are measured: that many containers slow every other row.
  const before = () => start(env)
  return [
    row(`echo hello in ${count} containers, run`, docker, line(), theirs, how, { atMost: 1 / 1.5, aim: 1 / 2, before }),
    row(`echo hello in ${count} containers, run --via exec`, docker, line('--via', 'exec'), theirs, how, { before }),
  ]
}

/** @returns removes them */
function start(env) {
  const docker = (...words) => execFileSync('docker', words, { env, encoding: 'utf8' }).trim()
  const ids = Array.from({ length: count }, (_, at) =>
    docker('run', '-d', '--name', `fleet-${at}`, '--network', 'none', 'bench/busybox:latest', 'sleep', '86400'),
  )
  return () => void docker('rm', '-f', ...ids)
}
