/** The compiled code that runs leave for the next ones: it helps, and neither misleads nor harms. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type RunOptions, run, shell, start } from '../support/cli'
import { container } from '../support/containers'
import { root, scratch } from '../support/engine'
import { until } from '../support/until'

interface Report {
  builtins: string[]
  scripts: { file: string; cached: boolean }[]
}

/** Runs `docker-bash WORDS` and tells whether each part it needed ran by code that was there before. */
async function runs(words: string, options: RunOptions): Promise<boolean> {
  const report = join(scratch('loaded'), 'report.json')
  const line = `node --require ${root}/test/support/loaded.js -- ${root}/bin/run.js ${words}`
  const { code, stderr } = await shell(line, { ...options, env: { ...options.env, DOCKER_BASH_LOADED: report } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { scripts } = JSON.parse(readFileSync(report, 'utf8')) as Report
  expect(scripts.length).toBeGreaterThan(0)
  return scripts.every(({ cached }) => cached)
}

function home(): { env: { XDG_CACHE_HOME: undefined; HOME: string }; folder: string } {
  const HOME = scratch('home')
  return { env: { XDG_CACHE_HOME: undefined, HOME }, folder: join(HOME, '.cache', 'docker-bash') }
}

function only(folder: string): string {
  const [name = '', ...more] = readdirSync(folder)
  expect(more).toEqual([])
  return join(folder, name)
}

test('a run leaves its code to the next of its kind, for nobody else to read', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env, folder } = home()
  expect(await runs(`${name} true`, { env })).toBe(false)
  expect(lstatSync(folder).mode & 0o777).toBe(0o700)
  expect(lstatSync(only(folder)).mode & 0o777).toBe(0o600)
  expect(await runs(`${name} true`, { env })).toBe(true)
})

// While it copies, V8 has flags under which it takes no code that was kept without them, nor the other way round.
test('cp leaves its code to the next one, too', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env } = home()
  const words = `cp /etc/hostname ${name}:/`
  expect(await runs(words, { env })).toBe(false)
  expect(await runs(words, { env })).toBe(true)
})

test('a command has a file of its own, and a way in; what is new is added; an old build is taken away', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env, folder } = home()
  await runs(`${name} true`, { env })
  const file = only(folder)
  const kinds = () => readFileSync(file, 'latin1').slice(0, 256).trim().split(' ').slice(1)
  expect(kinds()).toEqual(['enter', 'runc'])
  writeFileSync(file.replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-'), 'old', { mode: 0o600 })
  expect(await runs(`-T --via exec ${name} true`, { env })).toBe(true)
  expect(kinds()).toEqual(['enter', 'runc', 'exec'])
  only(folder)
  await runs('ls', { env })
  await runs(`--via nsenter ${name} true`, { env })
  const names = readdirSync(folder).map((one) => one.replace(/-[0-9a-f]{16}-.*/, ''))
  const main = ['main-enter', 'main-enter.nsenter', 'main-ls']
  expect(names.sort()).toEqual([...main, 'rest-ls', 'ways-enter.nsenter', 'ways-ls'])
  expect(await runs('ls', { env })).toBe(true)
})

test.each([
  ['a byte is another', (bytes: Buffer) => bytes.fill((bytes[9000] ?? 0) ^ 1, 9000, 9001)],
  ['its last byte is another', (bytes: Buffer) => bytes.fill((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1)],
  ['one is missing', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['a page is empty', (bytes: Buffer) => bytes.fill(0, 8192, 12288)],
  ['it is cut short', (bytes: Buffer) => bytes.subarray(0, 20_000)],
  ['it is empty', () => Buffer.alloc(0)],
  ['it is something else', () => Buffer.from('main\n'.repeat(10_000))],
])('not used when %s, and written anew', async (_, spoil) => {
  const { name } = await container({ image: 'busybox' })
  const { env, folder } = home()
  await runs(`${name} true`, { env })
  const file = only(folder)
  writeFileSync(file, spoil(readFileSync(file)))
  expect(await runs(`${name} true`, { env })).toBe(false)
  expect(await runs(`${name} true`, { env })).toBe(true)
})

describe('not used when another could have written it:', () => {
  test.each([
    ['the file is another user’s', (file: string) => chownSync(file, 65534, 65534)],
    ['the file may be written by others', (file: string) => chmodSync(file, 0o606)],
    ['the folder may be written by others', (file: string) => chmodSync(join(file, '..'), 0o777)],
    ['the folder is another user’s', (file: string) => chownSync(join(file, '..'), 65534, 65534)],
    ['the folder above is another user’s', (file: string) => chownSync(join(file, '..', '..'), 65534, 65534)],
    ['the home is another user’s', (file: string) => chownSync(join(file, '..', '..', '..'), 65534, 65534)],
    ['the home may be written by others', (file: string) => chmodSync(join(file, '..', '..', '..'), 0o777)],
    [
      'it is of another build by its head',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes.write('0000', 0, 'latin1')
        writeFileSync(file, bytes)
      },
    ],
    [
      'the file is a link',
      (file: string) => {
        renameSync(file, join(file, '..', '..', 'elsewhere'))
        symlinkSync('../elsewhere', file)
      },
    ],
    [
      'the folder is a link of another user’s',
      (file: string) => {
        const folder = join(file, '..')
        renameSync(folder, `${folder}-elsewhere`)
        symlinkSync('docker-bash-elsewhere', folder)
        lchownSync(folder, 65534, 65534)
      },
    ],
  ])('%s', async (_, change) => {
    const { name } = await container({ image: 'busybox' })
    const { env, folder } = home()
    await runs(`${name} true`, { env })
    change(only(folder))
    expect(await runs(`${name} true`, { env })).toBe(false)
  })
})

test('used through a link of one’s own', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env, folder } = home()
  await runs(`${name} true`, { env })
  renameSync(folder, `${folder}-elsewhere`)
  symlinkSync('docker-bash-elsewhere', folder)
  expect(await runs(`${name} true`, { env })).toBe(true)
})

test.each([
  ['there is no home', { HOME: undefined }],
  ['the home is read-only', { HOME: '/proc/1' }],
  ['the cache is a file', { XDG_CACHE_HOME: '/dev/null' }],
  ['the cache is not an absolute path', { XDG_CACHE_HOME: 'here', HOME: '/proc/1' }],
])('no harm when %s', async (_, env) => {
  const { name } = await container({ image: 'busybox' })
  const { code, stdout, stderr } = await run([name, 'echo', 'hello'], {
    env: { XDG_CACHE_HOME: undefined, ...env },
    cwd: scratch('here'),
  })
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: 'hello\n', stderr: '' })
})

test('a long run leaves its code while it goes on', async () => {
  const { name } = await container({ image: 'busybox' })
  const { env, folder } = home()
  const running = start([name, 'sleep', '600'], { env })
  await until(
    () => existsSync(folder) && readdirSync(folder).some((file) => file.endsWith(process.arch)),
    20_000,
    () => 'no code was left',
  )
  running.kill('SIGTERM')
  await running.ended
  expect(await runs(`${name} true`, { env })).toBe(true)
})
