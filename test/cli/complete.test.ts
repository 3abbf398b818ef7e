/** What `__complete` answers, in cobra's protocol; completion.test.ts has the shells that ask. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { transportNames } from '../../src/lib/model'
import { complete, files, folders, noSpace, nothing } from '../support/complete'
import { container, uniqueName } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { scratch, sharedEngine } from '../support/engine'
import { asNobody } from '../support/nobody'
import { slowness } from '../support/pace'
import { until } from '../support/until'

/** Begins all names of this file, so that other tests' containers are not in the way. */
const head = uniqueName()
const project = 'shop'
let stopped: string
beforeAll(async () => {
  await container({ image: 'busybox', name: `${head}-web` })
  await container({ image: 'busybox', name: `${head}-worker`, labels: { [`${head}.tier`]: 'front' } })
  stopped = (await container({ image: 'busybox', name: `${head}-off`, start: false })).name
  const service = (name: string, number: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': name,
    'com.docker.compose.container-number': number,
  })
  await container({ image: 'busybox', labels: service(`${head}-api`, '1') })
  await container({ image: 'busybox', labels: service(`${head}-api`, '2') })
  for (const hostile of [
    '--host=tcp://127.0.0.1:1',
    '$(touch owned)',
    '`touch owned`',
    `${head}-api;touch owned`,
    `${head}-x\n${head}-y\u001b[31m`,
  ]) {
    await container({ image: 'busybox', labels: service(hostile, '1') })
  }
})

describe('the first word', () => {
  test('is a command or a TARGET', async () => {
    const { words, directive } = await complete([''])
    expect(words).toEqual(expect.arrayContaining(['ls', 'key', 'debug', 'completion', `${head}-web`]))
    expect(new Set(words).size).toBe(words.length)
    expect(directive).toBe(nothing)
    expect((await complete([`${head}-w`])).words.sort()).toEqual([`${head}-web`, `${head}-worker`])
  })
  test('is what runs; for debug and explain also what does not', async () => {
    expect((await complete([`${head}-o`])).words).toEqual([])
    for (const command of ['debug', 'explain'])
      expect((await complete([command, `${head}-o`])).words).toEqual([stopped])
  })
  test('has the image and the state beside it', async () => {
    expect((await complete([`${head}-web`])).lines).toEqual([expect.stringMatching(/-web\ttest\/busybox:latest, Up /)])
  })
  test('is a service of the project in this folder, and one of its containers', async () => {
    const cwd = join(scratch('complete'), project)
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'compose.yaml'), 'services: {}\n')
    const { words } = await complete([`${head}-a`], { cwd })
    expect(words.sort()).toEqual([`${head}-api`, `${head}-api#1`, `${head}-api#2`])
    expect((await complete([`service:${head}-a`], { cwd })).words).toContain(`service:${head}-api`)
    expect((await complete([`${head}-a`])).words).toEqual([])
  })
  test('may say what it is', async () => {
    expect((await complete([`name:${head}-web`])).words).toEqual([`name:${head}-web`])
    expect((await complete(['image:test/bu'])).words).toEqual(['image:test/busybox:latest'])
    expect((await complete([`label:${head}`])).words).toEqual([`label:${head}.tier=front`])
    expect(await complete(['serv'])).toMatchObject({ words: ['service:'], directive: nothing | noSpace })
  })
  test('is the start of an ID when no name begins so', async () => {
    const { id } = await container({ image: 'busybox' })
    expect((await complete([id.slice(0, 8)])).words).toEqual([id.slice(0, 12)])
  })
})

describe('flags', () => {
  test('are those of the command, each once', async () => {
    expect((await complete(['--v'])).words).toEqual(['--via', '--verbose', '--version'])
    expect((await complete(['--via', 'exec', '--v'])).words).toEqual(['--verbose', '--version'])
    expect((await complete(['ls', '--'])).words).toEqual([
      '--all',
      '--filter',
      '--json',
      '--host',
      '--context',
      '--help',
    ])
    expect((await complete(['ls', '--filter', 'a=b', '--f'])).words).toEqual(['--filter'])
    expect((await complete(['key', 'rotate', 'x', '--a'])).words).toEqual(['--all'])
  })
  test('have values', async () => {
    expect((await complete(['--via', ''])).words).toEqual(['auto', ...transportNames])
    expect((await complete(['--via=e'])).words).toEqual(['--via=exec'])
    expect(await complete(['--host', ''])).toMatchObject({ words: ['unix://', 'ssh://', 'tcp://'] })
    expect((await complete(['-e', 'COMPLETE_'], { env: { COMPLETE_ME: '1' } })).words).toEqual(['COMPLETE_ME'])
    for (const flag of ['--env-file', '-i'])
      expect(await complete([flag, ''])).toMatchObject({ words: [], directive: files })
    for (const flag of ['-u', '-w', '-c'])
      expect(await complete([flag, ''])).toMatchObject({ words: [], directive: nothing })
  })
  test("have Docker's contexts", async () => {
    const DOCKER_CONFIG = dockerConfig({ staging: 'unix:///nowhere' })
    expect((await complete(['--context', 's'], { env: { DOCKER_CONFIG } })).words).toEqual(['staging'])
  })
})

describe('commands', () => {
  test('have theirs', async () => {
    expect((await complete(['key', 'in'])).words).toEqual(['insecure', 'install'])
    expect((await complete(['toolbox', ''])).words).toEqual(['build'])
    expect((await complete(['completion', ''])).words).toEqual(['install', 'remove', 'bash', 'zsh', 'fish'])
  })
  test('have TARGETs, several where they take several', async () => {
    expect((await complete(['key', 'list', `${head}-we`])).words).toEqual([`${head}-web`])
    expect((await complete(['key', 'list', 'one', `${head}-we`])).words).toEqual([])
    expect((await complete(['key', 'revoke', 'one', `${head}-we`])).words).toEqual([`${head}-web`])
    expect((await complete(['enter', '-t', `${head}-we`])).words).toEqual([`${head}-web`])
  })
  test('have selectors, and behind -- the words of many', async () => {
    expect((await complete(['run', 'one', `${head}-we`])).words).toEqual([`${head}-web`])
    expect((await complete(['run', '--stdin', ''])).words).toEqual(['none', 'each'])
    expect(await complete(['run', 'one', '--', 'l'])).toMatchObject({ words: [], directive: nothing })
    expect(await complete(['run', 'one', '--', 'ls', '/et'])).toMatchObject({ words: [], directive: files })
  })
  test('have folders', async () => {
    expect(await complete(['init', ''])).toMatchObject({ words: [], directive: folders })
  })
})

test("behind TARGET, -l and -- the words are the command's own: a path, or nothing", async () => {
  for (const words of [['web'], ['-l'], ['--', 'web'], ['debug', '-u', 'x', 'web'], ['web', 'ls']]) {
    expect(await complete([...words, '/et'])).toMatchObject({ words: [], directive: files })
  }
  expect(await complete(['web', 'l'])).toMatchObject({ words: [], directive: nothing })
  expect(await complete(['web', 'cat', '--via'])).toMatchObject({ words: [], directive: files })
})

test('what a shell could take for more than a word is never offered', async () => {
  const cwd = join(scratch('complete'), project)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'compose.yaml'), 'services: {}\n')
  for (const word of ['', '$', '`', head, 'service:', 'label:']) {
    const { words } = await complete([word], { cwd })
    for (const one of words) expect(one).toMatch(/^[\w/.:@][\w/.:@%+,=#-]*$/)
  }
})

describe('inside a container', () => {
  const script = `mkdir -p /d/sub /d/.hidden; : > /d/file; : > '/d/a b'; : > "/d/$(printf 'x\\033[2Jy')"; : > '/d/$(touch owned)'
    ln -s /d/sub /d/link; ln -s / /d/root; mkfifo /d/fifo; nc -ll -p 8123 -e true & trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done`
  let web: string
  beforeAll(async () => {
    const { name } = await container({
      ...{ image: 'busybox', name: `${head}-inside`, cmd: ['sh', '-c', script] },
      more: { ExposedPorts: { '80/tcp': {}, '53/udp': {} }, NetworkDisabled: true },
    })
    web = name
    const ready = async () => (await complete(['cp', `${web}:/d/fi`])).words.length === 2
    await until(ready, 20_000, async () => String((await complete(['cp', `${web}:/d/`])).lines))
    await until(
      async () => (await complete(['forward', web, '81'])).words.length === 1,
      20_000,
      async () => 'no listener',
    )
  })

  test('cp: a container with a colon, a file here, and then its paths; only what no shell takes for more', async () => {
    const cwd = scratch('complete-cp')
    writeFileSync(join(cwd, `${head}-instead`), '')
    mkdirSync(join(cwd, `${head}-ins`))
    expect((await complete(['cp', `${head}-ins`], { cwd })).words.sort()).toEqual(
      [`${head}-ins/`, `${web}:`, `${head}-instead`].sort(),
    )
    expect(await complete(['cp', web.slice(0, -2)])).toMatchObject({ words: [`${web}:`], directive: nothing | noSpace })
    expect(await complete(['cp', './x'])).toMatchObject({ words: [], directive: files })
    expect(await complete(['cp', 'no-such-one'])).toMatchObject({ words: [], directive: files })
    const all = ['fifo', 'file', 'link/', 'root/', 'sub/'].map((name) => `${web}:/d/${name}`)
    expect(await complete(['cp', 'x', `${web}:/d/`])).toMatchObject({ words: all, directive: nothing })
    expect((await complete(['cp', '-a', `${web}:/d/.`])).words).toEqual([`${web}:/d/.hidden/`])
    expect((await complete(['cp', `name:${web}:/d/s`])).words).toEqual([`name:${web}:/d/sub/`])
    expect((await complete(['cp', `${web}:d/s`])).words).toEqual([`${web}:d/sub/`])
    expect((await complete(['cp', `${web}:`])).words).toContain(`${web}:/d/`)
    // An absolute link leads where it leads for the container: there it has /d, here hardly.
    expect((await complete(['cp', `${web}:/d/root/d/sub`])).words).toEqual([`${web}:/d/root/d/sub/`])
    for (const word of [`${head}-off:/`, 'no-such-one:/', `${web}:/none/`, `${web}:/d/file/`]) {
      expect(await complete(['cp', word])).toMatchObject({ words: [], directive: nothing })
    }
  })
  test('forward: ports that listen, and of its image; behind what is typed of the word', async () => {
    expect((await complete(['forward', web.slice(0, -2)])).words).toEqual([web])
    expect((await complete(['forward', web, ''])).lines).toEqual(['80\tof its image', '8123\tlistens'])
    expect((await complete(['forward', web, '9000:8'])).words).toEqual(['9000:80', '9000:8123'])
    expect((await complete(['forward', web, 'udp:'])).words).toEqual(['udp:53'])
    expect((await complete(['forward', '-R', web, ''])).words).toEqual([])
  })
  test('without root its files are not ours to see; ports of its image are', async () => {
    const under = asNobody()
    expect((await complete(['cp', `${web}:/d/`], { under })).words).toEqual([])
    expect((await complete(['forward', web, '8'], { under })).words).toEqual(['80'])
  })
})

describe('the engine', () => {
  const nowhere = { DOCKER_HOST: 'unix:///nowhere' }
  test('is the one that the line names', async () => {
    const { host } = sharedEngine()
    const DOCKER_CONFIG = dockerConfig({ here: host })
    const env = { ...nowhere, DOCKER_CONFIG }
    for (const flags of [['-H', host], [`--host=${host}`], ['--context', 'here']]) {
      expect((await complete([...flags, `${head}-we`], { env })).words).toEqual([`${head}-web`])
      expect((await complete(['key', 'list', ...flags, `${head}-we`], { env })).words).toEqual([`${head}-web`])
    }
  })
  test('may be dead, wrong or no engine: no names, no noise', async () => {
    for (const words of [
      ['w'],
      ['-H', 'nonsense://', 'w'],
      ['--context', 'nosuch', 'w'],
      ['-H', 'tcp://127.0.0.1:1', 'w'],
    ]) {
      expect(await complete(words, { env: nowhere })).toMatchObject({ words: [], directive: nothing })
    }
    expect((await complete(['l'], { env: nowhere })).words).toContain('ls')
  })
  test('may be silent: given up within a second', async () => {
    const server = createServer(() => undefined)
    const path = join(scratch('silent'), 'socket')
    await new Promise<void>((ready) => server.listen(path, ready))
    const took = async (host: string) => {
      const from = Date.now()
      expect((await complete(['w'], { env: { DOCKER_HOST: host } })).words).toEqual([])
      return Date.now() - from
    }
    // What the start takes on this machine, as it is now, is not waiting.
    const dead = await took('unix:///nowhere')
    expect((await took(`unix://${path}`)) - dead).toBeLessThan(2500 * (await slowness()))
    server.close()
  })
})
