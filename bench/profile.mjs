// Where the milliseconds of `docker-bash C echo hello` go, and the least that each part can be.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runtimeLine } from './host.mjs'
import { measureOne, summary } from './measure.mjs'

const runs = 30

/** @returns rows of cells: part, ms, its floor in ms, what the floor is */
export function profile({ ours, container, engine, env, folder, root }) {
  const file = join(folder, 'marks')
  for (let run = 0; run < runs; run++) {
    const words = ['--require', join(root, 'bench', 'marks.cjs'), '--', ours, container, 'echo', 'hello']
    spawnSync('node', words, { env: { ...env, DOCKER_BASH_MARKS: file }, stdio: 'ignore' })
  }
  const marks = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const median = (from, to) => summary(marks.map((mark) => mark[to] - (from ? mark[from] : 0))).median
  const floor = (line) => summary(measureOne(line, runs, env)).median * 1000
  const socket = engine.host.replace('unix://', '')
  const get = `require('net').connect('${socket}').on('data',()=>process.exit()).write('GET /containers/${container}/json HTTP/1.1\\r\\nHost: d\\r\\n\\r\\n')`
  const node = floor('node -e 0')
  return [
    ['boot: Node itself', median(undefined, 'booted'), node, '`node -e 0`, whole'],
    ['load: our code and what of Node it takes, to the first question', median('booted', 'asked'), 0, ''],
    [
      'engine: the container is inspected',
      median('asked', 'answered'),
      floor(`node -e "${get}"`) - node,
      'the same by a bare socket, beyond `node -e 0`',
    ],
    ['judge: /proc, the runtime’s state, the plan', median('answered', 'spawning'), 0, ''],
    ['spawn: fork and exec', median('spawning', 'spawned'), 0, ''],
    [
      'process: the watchdog, the runtime, the command',
      median('spawned', 'over'),
      floor(`${runtimeLine({ engine, env, container })} echo hello`),
      '`runc exec`, whole',
    ],
    ['end', median('over', 'end'), 0, ''],
  ]
}
