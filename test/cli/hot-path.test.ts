/** What `docker-bash C true` loads: nothing that only other commands and ways need. */
import { once } from 'node:events'
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { shell } from '../support/cli'
import { container } from '../support/containers'
import { root, scratch } from '../support/engine'

interface Loaded {
  builtins: string[]
  files: string[]
  scripts: { file: string }[]
}

async function loaded(words: string, expected = { code: 0, stderr: '' }): Promise<Loaded> {
  const report = join(scratch('loaded'), 'report.json')
  const line = `node --require ${root}/test/support/loaded.js -- ${root}/bin/${words}`
  const { code, stderr } = await shell(line, { env: { DOCKER_BASH_LOADED: report } })
  expect({ code, stderr }).toEqual(expected)
  const { builtins, files, scripts } = JSON.parse(readFileSync(report, 'utf8')) as Loaded
  return { builtins, scripts, files: [...files, ...scripts.map(({ file }) => file)] }
}

/** Words that stand in the code of libraries that must not be there, and nowhere else. */
const heavy = {
  ssh2: 'ssh-userauth',
  inquirer: 'User force closed the prompt',
  "oclif's help": 'CommandHelp',
  "oclif's Config": 'ignoreManifest',
  gRPC: 'ChannelCredentials',
  'the packer of folders': 'mkdirfix',
  dockerode: 'pruneImages',
}
/** Parts of Node that cost more than a millisecond and are of no use here. */
const builtins = ['tls', 'https', 'crypto', 'zlib', 'readline', 'http2', 'worker_threads', 'inspector']

test.each([
  ['by itself', 'run.js CONTAINER true', [], 325_000],
  ['by exec', 'run.js --via exec CONTAINER true', [], 325_000],
  ['by nsenter', 'run.js --via nsenter CONTAINER true', ['/dist/ways.js'], 430_000],
])('a command %s', async (_, words, more, most) => {
  const { name } = await container({ image: 'busybox' })
  const { builtins: builtin, files } = await loaded(words.replace('CONTAINER', name))
  const expected = ['/bin/run.js', '/dist/boot.js', '/dist/main.js', ...more]
  expect(files.map((file) => file.replace(root, '')).sort()).toEqual(expected)
  const code = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  for (const [library, word] of Object.entries(heavy)) expect([library, code.includes(word)]).toEqual([library, false])
  for (const name of [...builtins, 'http', 'internal/perf/performance']) expect(builtin).not.toContain(name)
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(most)
})

test('--help needs no second part', async () => {
  const { files } = await loaded('run.js --help')
  expect(files.map((file) => file.replace(root, '')).sort()).toEqual(['/bin/run.js', '/dist/boot.js', '/dist/main.js'])
})

test('what a session needs is loaded while the engine thinks', async () => {
  const socket = join(scratch('slow'), 'engine.sock')
  const server = createServer((connection) => {
    connection.once('data', () => setTimeout(() => connection.destroy(), 500))
  }).listen(socket)
  await once(server, 'listening')
  try {
    const stderr = expect.stringMatching(/^docker-bash: no engine at /) as string
    const { builtins } = await loaded(`run.js -H unix://${socket} web true`, { code: 125, stderr })
    expect(builtins).toContain('child_process')
  } finally {
    server.close()
  }
})

test('dl loads less still', async () => {
  await container({ image: 'busybox' })
  const { files } = await loaded('dl.js')
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(160_000)
})

test('completion loads next to nothing', async () => {
  await container({ image: 'busybox' })
  const { builtins: builtin, files } = await loaded('run.js __complete t')
  for (const name of [...builtins, 'child_process']) expect(builtin).not.toContain(name)
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(76_000)
})

test('a program that was replaced while it ran is not run in part', async () => {
  const copy = scratch('updated')
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
  const rest = join(copy, 'dist', 'rest.js')
  const text = readFileSync(rest, 'latin1')
  writeFileSync(rest, text.replace(/^\/\*\w{4}/, '/*0000'))
  const { code, stderr } = await shell(`${copy}/bin/run.js ls`)
  const hint = 'docker-bash was updated while it ran: run it again'
  expect({ code, stderr }).toEqual({ code: 125, stderr: `docker-bash: ${rest} belongs to another build\n  ${hint}\n` })
})
