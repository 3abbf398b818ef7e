/** The packed tarball, installed as people do it, with every Node that we promise to run on. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { shell } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { type Engine, privateEngine, root, scratch } from '../support/engine'
import { nodeOf } from '../support/nodes'

const run = promisify(execFile)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

const promised = [20, 22, 24]

/** `dl` takes the newest container, so nobody else may make any on this engine. */
let engine: Engine
let web: Container
let prefix: string
/** By major version. */
const nodes = new Map<number, string>()

beforeAll(async () => {
  engine = await privateEngine(['busybox'])
  web = await container({ image: 'busybox', name: 'web', on: docker(engine.host) })
  const folder = scratch('package')
  prefix = mkdtempSync(join(folder, 'prefix-'))
  // Built by `npm test` already; building again here would pull the programs from under the other tests.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  await run('npm', ['install', '--global', '--prefix', prefix, '--offline', join(folder, tarball)], { cwd: folder })
  for (const major of promised) nodes.set(major, await nodeOf(major))
})

/** A command line where both programs come from the installed package, and `node` is the one of that version. */
async function typed(line: string, major: number) {
  const bin = scratch('bin')
  symlinkSync(nodes.get(major) ?? '', join(bin, 'node'))
  return shell(line, { place: engine, env: { PATH: `${bin}:${join(prefix, 'bin')}:/usr/bin:/bin` } })
}

describe.each(promised)('with Node %i', (major) => {
  test('is that Node', async () => {
    expect((await typed('node --version', major)).stdout.toString()).toMatch(new RegExp(`^v${major}\\.`))
  })

  test('docker-bash --version', async () => {
    const { code, stdout } = await typed('docker-bash --version', major)
    expect([code, stdout.toString()]).toEqual([0, `docker-bash ${version}\n`])
  })

  test('docker-bash ls', async () => {
    const { code, stdout, stderr } = await typed('docker-bash ls', major)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.toString()).toContain('web')
  })

  test('docker-bash `dl` echo hello', async () => {
    const { code, stdout, stderr } = await typed('docker-bash `dl` echo hello', major)
    expect([code, stdout.toString(), stderr]).toEqual([0, 'hello\n', ''])
  })

  test('completion, and what Docker asks of its plugins', async () => {
    expect((await typed('docker-bash __complete we', major)).stdout.toString()).toMatch(/^web\t/)
    expect((await typed('docker-bash completion zsh', major)).stdout.toString()).toMatch(/^#compdef docker-bash\n/)
    expect(JSON.parse((await typed('docker-bash docker-cli-plugin-metadata', major)).stdout.toString())).toMatchObject({
      SchemaVersion: '0.1.0',
      Version: version,
    })
  })

  test('dl --full', async () => {
    expect((await typed('dl --full', major)).stdout.toString()).toBe(`${web.id}\n`)
  })
})

test('has in it what runs and nothing else', () => {
  const files = readdirSync(join(prefix, 'lib', 'node_modules', '@docker-bash', 'cli'), { recursive: true })
  expect(files.filter((file) => /node_modules|\.ts$|test|src/.test(String(file)))).toEqual([])
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/main.js', 'oclif.manifest.json']))
  for (const shell of ['bash', 'zsh', 'fish']) expect(files).toContain(`completion/docker-bash.${shell}`)
})
