/** Every command line of the README, run as it stands there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shell } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { docker } from '../support/docker-api'
import { images, privateEngine, root, scratch, sharedEngine } from '../support/engine'
import { sshdContainer } from '../support/sshd'
import { makeSwarm, type Swarm } from '../support/swarm'

/** Lines that a test of their own runs. */
const elsewhere: Record<string, string> = {
  'npm run demo': 'demo.test.ts',
  'npm test': 'whatever runs this',
  'npm install --global @docker-bash/cli': 'package.test.ts, with the packed tarball',
}

const blocks = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)
const lines = [...blocks].flatMap(([, text = '']) => text.split('\n').filter((line) => line && !line.startsWith('#')))

/** What each must print; every other line must just succeed. */
const prints: Array<[RegExp, RegExp]> = [
  [/echo hello world/, /^hello world\n$/],
  [/echo it is there/, /^it is there\n$/],
  [/grep -c sleep/, /^[1-9]\d*\n$/],
  [/--env-file/, /LANG=C.UTF-8\n(.*\n)*FROM_FILE=yes|FROM_FILE=yes\n(.*\n)*LANG=C.UTF-8/],
  [/echo -u/, /^-u --help -- -t\n$/],
  [/while read/, /^[0-9a-f]{12}\n[0-9a-f]{12}\n$/],
  [
    /run 'web\*'/,
    /^web {3}\| [0-9a-f]{12}\n.*api-1 \| [0-9a-f]{12}\n$|^api-1 \| [0-9a-f]{12}\nweb {3}\| [0-9a-f]{12}\n$/s,
  ],
  [/^docker-bash (front\.2|service:front)/, /^[0-9a-f]{12}\n$/],
  [/run service:front/, /^front\.\d \| [0-9a-f]{12}\nfront\.\d \| [0-9a-f]{12}\n$/],
  [/--json/, /"stream":"stdout","line":".*"code":0/s],
  [/--group/, /==> web <==\n\d+\n/],
  [/--stdin each/, /^api-1 \| 10\n$/],
  [/ls$/, /^NAME .*\n(.*\n)*web /],
  [/ip web/, /^\d+(\.\d+){3}\n$/],
  [/explain web/, /chosen: /],
  [/--compare/, /seccomp/],
  [/debug scratchy/, /^bare$/m],
  [/debug job/, /^root:/],
  [/--via ssh/, /^[0-9a-f]{12}\n$/],
  [/rotate/, /new key in, tried, old key out/],
  [/revoke/, /login refused/],
]

let cwd: string
/** Keys made by one line are used by the next. */
let HOME: string
let place: Awaited<ReturnType<typeof privateEngine>>
/** For the lines about one. */
let swarm: Swarm
let DOCKER_CONFIG: string
beforeAll(async () => {
  place = await privateEngine(['busybox', 'bare'])
  const on = docker(place.host)
  await on.call('POST', `/images/${images.busybox}/tag?repo=shop`)
  const labels = { tier: 'front', 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'api' }
  await container({ image: 'busybox', name: 'web', network: true, on })
  await container({ image: 'bare', name: 'scratchy', on })
  await container({ image: 'busybox', name: 'job', cmd: ['false'], on })
  await container({ image: 'busybox', name: 'api-1', labels, more: { Image: 'shop' }, on })
  await sshdContainer({ name: 'box' })
  swarm = await makeSwarm()
  await swarm.service('front')
  DOCKER_CONFIG = dockerConfig({ beta: swarm.beta.engine.host })
  HOME = scratch('readme-home')
  cwd = join(scratch('readme'), 'shop')
  mkdirSync(cwd)
  for (const [name, text] of [
    ['compose.yaml', 'services: {}\n'],
    ['dump.sql', 'select 1;\n'],
    ['vars', 'FROM_FILE=yes\n'],
    ['names', 'web\napi-1\n'],
  ] as const) {
    writeFileSync(join(cwd, name), text)
  }
})

test('there are some', () => {
  expect(lines.length).toBeGreaterThan(15)
})

test.each(lines.filter((line) => !(line in elsewhere)))('%s', async (line) => {
  const { code, stdout, stderr } = await shell(`set -o pipefail; ${line}`, {
    cwd,
    env: { HOME, DOCKER_CONFIG },
    // The one with an sshd is on the engine of all tests.
    place: /\bbox\b/.test(line) ? sharedEngine() : /\bfront\.|:front/.test(line) ? swarm.alpha.engine : place,
    input: '',
  })
  expect({ code, stderr: / -v | run |debug job|forward /.test(line) ? '' : stderr }).toEqual({
    code: 0,
    stderr: '',
  })
  const wanted = prints.find(([which]) => which.test(line))?.[1]
  if (wanted) expect(stdout.toString()).toMatch(wanted)
})
