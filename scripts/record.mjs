// npm run record: pictures of docker-bash at a real terminal, in containers of a real engine, into docs/ (or the folder
// that is named). Nothing in them is drawn by hand.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEngine } from './engine.mjs'
import { call } from './engine-http.mjs'
import { importBusybox } from './images.mjs'
import { ensurePackages } from './packages.mjs'
import { picture } from './picture.mjs'

const root = join(dirname(import.meta.filename), '..')
const out = process.argv[2] ?? join(root, 'docs')
const execute = promisify(execFile)

/** What is typed, then Enter if so, and what has to be seen before the next screen is taken; `act` is done before that. */
const recordings = [
  {
    name: 'picker',
    title: 'docker-bash: choose a container by typing',
    columns: 80,
    rows: 11,
    screens: [
      { type: 'docker-bash', enter: true, until: /web-4 .*\n.*web-3 [\s\S]*db .*\n[\s\S]*esc$/ },
      { type: 'web-2', until: /: web-2\n[\s\S]*web-2 .*\n\n[\s\S]*esc$/ },
      { enter: true, until: /the same: docker-bash web-2\n[\s\S]*#$/ },
    ],
  },
  {
    name: 'fleet',
    title: 'docker-bash run: one command in five containers',
    columns: 80,
    rows: 20,
    screens: [
      {
        type: "docker-bash run 'web-*' db -- check",
        enter: true,
        until: /✓ web-1 .*\n.*✗ web-2 .*\n.*web-3 .* runs [1-9].* drain.*\n.*✓ web-4 .*\n.*✓ db/,
      },
      { act: (engine) => touch(engine, 'web-3', '/ready'), until: /docker-bash: 4 of 5 .*\n.*web-2[\s\S]*\n\$ ?$/ },
    ],
  },
]

/** Its containers look busy: `check` says something, fails in one, and in another waits for `/ready`. */
const check = `
echo "configuration ok"
case $(hostname) in
  web-2) echo "/var is 97 % full"; exit 1 ;;
  web-3) echo "waiting for connections to drain"; until [ -e /ready ]; do sleep 0.1; done ;;
esac
echo "healthy"
`
const names = ['db', 'web-1', 'web-2', 'web-3', 'web-4']

ensurePackages({ tmux: 'tmux' })
const folder = mkdtempSync(join(tmpdir(), 'docker-bash-record-'))
const engine = await startEngine()
try {
  await makeContainers()
  const env = surroundings()
  mkdirSync(out, { recursive: true })
  for (const recording of recordings) {
    const screens = await record(recording, env)
    writeFileSync(join(out, `${recording.name}.svg`), picture(screens, recording))
    process.stdout.write(`${join(out, `${recording.name}.svg`)}\n`)
  }
} finally {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function makeContainers() {
  await importBusybox(engine.host, 'shop:latest')
  const serve = 'printf %s "$CHECK" >/bin/check; chmod +x /bin/check; echo made; exec sleep 86400'
  for (const name of names) {
    const body = {
      ...{ Image: 'shop', Hostname: name, Cmd: ['sh', '-c', serve], Env: [`CHECK=#!/bin/sh${check}`] },
      HostConfig: { NetworkMode: 'none' },
    }
    await call(engine.host, 'POST', `/containers/create?name=${name}`, { body })
    await call(engine.host, 'POST', `/containers/${name}/start`, {})
    await touch(engine, name, '/started')
  }
}

/** Inside, once what its first process had to make is there. */
async function touch({ host }, name, path) {
  const line = `until [ -x /bin/check ]; do sleep 0.1; done; : >${path}`
  const { Id } = await call(host, 'POST', `/containers/${name}/exec`, { body: { Cmd: ['sh', '-c', line] } })
  await call(host, 'POST', `/exec/${Id}/start`, { body: { Detach: true } })
}

/** Nothing of this machine's own settings; what is typed is what is seen. */
function surroundings() {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'bin', 'run.js'), join(bin, 'docker-bash'))
  symlinkSync(process.execPath, join(bin, 'node'))
  const PATH = `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
  return { PATH, HOME: folder, LANG: 'C.UTF-8', DOCKER_HOST: engine.host, PS1: '$ ', HISTFILE: '' }
}

/** @returns the screens, with their escapes */
async function record({ name, columns, rows, screens }, env) {
  const tmux = async (...words) => (await execute('tmux', ['-S', join(folder, name), ...words], { env })).stdout
  const conf = join(folder, `${name}.conf`)
  writeFileSync(conf, 'set -g status off\nset -g escape-time 0\nset -g default-terminal screen-256color\n')
  const size = ['-x', String(columns), '-y', String(rows)]
  await tmux(
    '-f',
    conf,
    'new-session',
    '-d',
    '-s',
    'main',
    ...size,
    '-c',
    folder,
    'env',
    'bash',
    '--norc',
    '--noprofile',
  )
  try {
    const seen = () => tmux('capture-pane', '-p', '-t', 'main')
    const taken = []
    await until(seen, /^\$ ?/)
    for (const { type, enter, act, until: fits } of screens) {
      if (type) await tmux('send-keys', '-t', 'main', '-l', '--', type)
      if (enter) await tmux('send-keys', '-t', 'main', 'Enter')
      await act?.(engine)
      await until(seen, fits)
      taken.push(await tmux('capture-pane', '-e', '-p', '-t', 'main'))
    }
    return taken
  } finally {
    await tmux('kill-server').catch(() => undefined)
  }
}

async function until(seen, fits) {
  for (const end = Date.now() + 60_000; ; await wait(50)) {
    const screen = (await seen()).trimEnd()
    if (fits.test(screen)) return
    if (Date.now() > end) throw new Error(`not within a minute: ${fits} on the screen:\n${screen}`)
  }
}
