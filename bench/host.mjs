// The ways in that need root on the host, beside what they stand on: the runtime itself, util-linux's nsenter.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { both, echo, row } from './rows.mjs'

/** The runtime's own words for a command in the container, by what the engine's folder tells. */
export function runtimeLine({ engine, env, container }, id = idOf({ env, container })) {
  return `runc --root ${ask(env, 'find', engine.dir, '-path', '*/runtime-runc/moby', '-prune')} exec ${id}`
}

function idOf({ env, container }) {
  return ask(env, 'docker', 'inspect', '--format', '{{.Id}}', container)
}

export function hostRows({ ours, container, file, engine, env, root }) {
  const pid = ask(env, 'docker', 'inspect', '--format', '{{.State.Pid}}', container)
  const docker = `docker exec ${container}`
  const ways = [
    // Its tools are beside what is entered; the command is the container's own.
    ['--via debug', 'docker exec', docker, {}],
    ['--via runc', 'runc exec', runtimeLine({ engine, env, container }), {}],
    ['--via nsenter', 'nsenter', `nsenter -t ${pid} -a env -i PATH=/bin`, { atMost: 1, aim: 0.75 }],
  ]
  // What nobody can be faster than who is written for Node and stands on these: their times one after the other.
  const node = 'node -e 0'
  const socket = engine.host.replace('unix://', '')
  const floors = [
    row(
      'echo hello',
      `${node}, runc exec`,
      `${ours} ${container} echo hello`,
      `${node}; ${runtimeLine({ engine, env, container })} echo hello`,
      echo,
      { atMost: 1.35, aim: 1.15 },
    ),
    // What the ratio above could be at best: it looks after nothing (and misses the aim, too).
    row(
      'echo hello, bench/least.cjs',
      `${node}, runc exec`,
      `node ${join(root, 'bench', 'least.cjs')} ${socket} ${container} ${runtimeLine({ engine, env, container }, '%ID')} echo hello`,
      `${node}; ${runtimeLine({ engine, env, container })} echo hello`,
      echo,
    ),
    row(
      'echo hello, --via exec',
      `${node}, docker exec`,
      `${ours} --via exec ${container} echo hello`,
      `${node}; ${docker} echo hello`,
      echo,
      { atMost: 1.35, aim: 1.2 },
    ),
  ]
  const rest = ways.flatMap(([via, beside, enter, limits]) => {
    const us = `${ours} ${via} ${container}`
    const besides = beside === 'docker exec' ? [] : [[beside, enter]]
    return [
      row(`echo hello, ${via}`, 'docker exec', `${us} echo hello`, `${docker} echo hello`, echo, limits),
      ...besides.map(([name, line]) => row(`echo hello, ${via}`, name, `${us} echo hello`, `${line} echo hello`, echo)),
      ...[['docker exec', docker.replace('exec', 'exec -i')], ...besides].flatMap(([name, line]) =>
        both(`1 GiB, ${via}`, name, us, line, file),
      ),
    ]
  })
  return [...floors, ...rest]
}

function ask(env, program, ...args) {
  return execFileSync(program, args, { env, encoding: 'utf8' }).trim()
}
