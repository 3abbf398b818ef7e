/** What `docker-bash C true` loads: nothing that only other commands and ways need. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { shell } from '../support/cli'
import { container } from '../support/containers'
import { root, scratch } from '../support/engine'

interface Loaded {
  builtins: string[]
  files: string[]
  scripts: { file: string }[]
}

async function loaded(words: string): Promise<Loaded> {
  const report = join(scratch('loaded'), 'report.json')
  const line = `node --require ${root}/test/support/loaded.js -- ${root}/bin/${words}`
  const { code, stderr } = await shell(line, { env: { DOCKER_BASH_LOADED: report } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
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
}
/** Parts of Node that cost more than a millisecond and are of no use here. */
const builtins = ['tls', 'https', 'crypto', 'readline', 'http2', 'worker_threads', 'inspector']

test.each([
  ['by itself', 'run.js CONTAINER true'],
  ['by exec', 'run.js --via exec CONTAINER true'],
])('a command %s', async (_, words) => {
  const { name } = await container({ image: 'busybox' })
  const { builtins: builtin, files } = await loaded(words.replace('CONTAINER', name))
  expect(files.every((file) => file.startsWith(root))).toBe(true)
  const code = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  for (const [library, word] of Object.entries(heavy)) expect([library, code.includes(word)]).toEqual([library, false])
  for (const name of builtins) expect(builtin).not.toContain(name)
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(1_000_000)
})

test('dl loads less still', async () => {
  await container({ image: 'busybox' })
  const { files } = await loaded('dl.js')
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(150_000)
})

test('completion loads next to nothing', async () => {
  await container({ image: 'busybox' })
  const { builtins: builtin, files } = await loaded('run.js __complete t')
  for (const name of [...builtins, 'child_process']) expect(builtin).not.toContain(name)
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(60_000)
})
