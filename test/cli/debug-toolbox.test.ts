/** Tools of an image's, or of a folder's, for every way of debug: on the host, beside, and in a copy. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunOptions, run } from '../support/cli'
import { container } from '../support/containers'
import { changesOf, lostVolumes, nothingLeft } from '../support/debug'
import { scratch } from '../support/engine'
import { asNobody } from '../support/nobody'
import { bare, busybox, importToolbox, loadForeign } from '../support/toolboxes'

const folder = (path: string) => ({ path: `${path}/`, mode: 0o755 })
const readable = 0o755

beforeAll(async () => {
  const program = await bare()
  // A shell by another name, an absolute link, a link to a link, a file that is none, one that needs a library.
  await importToolbox(
    'test/toolbox',
    [
      ...['opt', 'opt/tools', 'opt/tools/bin', 'usr', 'usr/lib'].map(folder),
      { path: 'opt/tools/bin/ash', mode: 0o755, bytes: busybox() },
      { path: 'opt/tools/bin/mytool', mode: 0o755, bytes: program },
      { path: 'opt/tools/bin/other', mode: 0o777, leadsTo: '/opt/tools/bin/mytool' },
      { path: 'opt/tools/bin/third', mode: 0o777, leadsTo: 'other' },
      { path: 'opt/tools/bin/gone', mode: 0o777, leadsTo: '/nowhere' },
      { path: 'opt/tools/bin/ls', mode: 0o777, leadsTo: '/opt/tools/bin/ash' },
      { path: 'opt/tools/bin/notes', mode: 0o644, bytes: Buffer.from('no program') },
    ],
    ['ENV PATH=/opt/tools/bin:/nowhere'],
  )
  await loadForeign('test/arm', 'arm64', [folder('bin'), { path: 'bin/sh', mode: 0o755, bytes: busybox() }])
})

const beside = (): RunOptions => ({ under: asNobody(), cwd: '/' })
const ways: readonly [string, () => RunOptions, readonly string[]][] = [
  ['as root on the host', () => ({}), []],
  ['from a container beside', beside, []],
  ['in a copy', () => ({}), ['--copy']],
  ['in a copy, not as root', beside, ['--copy']],
]

describe.each(ways)('%s', (_, options, flags) => {
  test('--toolbox IMAGE: its shell, its programs under all their names', async () => {
    const { name, id } = await container({ image: 'bare', user: '4711', hostConfig: { ReadonlyRootfs: true } })
    const script = 'mytool print a; other print b; third print c; ls -d /bare; command -v gone notes; mytool exit 7'
    const { code, stdout, stderr } = await run(
      ['debug', ...flags, '--toolbox', 'test/toolbox', '-c', script, name],
      options(),
    )
    expect({ code, stdout: stdout.toString(), stderr }).toMatchObject({ code: 7, stdout: 'a\nb\nc\n/bare\n' })
    expect(await changesOf(id)).toBeNull()
    const shell = await run(['debug', ...flags, '--toolbox', 'test/toolbox', name], {
      ...options(),
      input: 'echo $0\n',
    })
    expect(shell.stdout.toString()).toMatch(/\/ash\n$/)
  })

  test('--tools DIR: its programs first, and none can be added', async () => {
    const { name } = await container({ image: 'bare', hostConfig: { ReadonlyRootfs: true } })
    const own = join(scratch('tools'), 'mine')
    // Longer than what a tar's header holds, by one name and by many.
    const deep = `lib/${'n'.repeat(150)}/${'m'.repeat(150)}`
    mkdirSync(join(own, deep), { recursive: true })
    for (const [file, bytes] of [
      ['mytool', await bare()],
      ['lib/data', 'words\n'],
      [`${deep}/${'o'.repeat(200)}`, 'deep\n'],
    ] as const)
      writeFileSync(join(own, file), bytes)
    chmodSync(join(own, 'mytool'), readable)
    for (const path of [own, join(own, '..')]) chmodSync(path, readable)
    const script =
      'mytool print a; d=$(dirname $(command -v mytool)); cat $d/lib/data $d/lib/n*/m*/o*; touch $d/new 2>/dev/null || echo shut; mytool exit 7'
    const { code, stdout, stderr } = await run(['debug', ...flags, '--tools', own, '-c', script, name], options())
    expect({ code, stdout: stdout.toString(), stderr }).toMatchObject({ code: 7, stdout: 'a\nwords\ndeep\nshut\n' })
  })

  test.each([
    ['test/nowhere', /the engine has no image test\/nowhere to take tools from\n {2}docker pull test\/nowhere/],
    ['test/arm', /the toolbox test\/arm is for linux\/arm64, the engine runs linux\/amd64\n/],
    ['test/bare', /the toolbox test\/bare has no shell\n/],
    ['test/debian', /the shell of the toolbox test\/debian cannot be brought along: it needs \/lib64\/ld-linux/],
  ])('refuses %s', async (image, says) => {
    const { name, id } = await container({ image: 'bare' })
    const lost = await lostVolumes()
    const { code, stdout, stderr } = await run(['debug', ...flags, '--toolbox', image, name], options())
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(/static programs|built-in/)
    await nothingLeft(id, lost)
  })

  test('--tools that is not a folder is refused before anything is made', async () => {
    const { name } = await container({ image: 'bare' })
    const { code, stderr } = await run(['debug', ...flags, '--tools', '/nowhere', name], options())
    expect({ code, stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringMatching('--tools: "/nowhere" is not a folder'),
    })
  })
})

test('toolbox build prints the image’s name, the same each time', async () => {
  const first = await run(['toolbox', 'build'])
  expect(first.stdout.toString()).toMatch(/^docker-bash-toolbox:[0-9a-f]{12}\n$/)
  expect((await run(['toolbox', 'build'])).stdout.toString()).toBe(first.stdout.toString())
})

test('the toolbox that is set for good serves debug and the plain command, until a flag names another', async () => {
  const { name } = await container({ image: 'bare' })
  const home = scratch('config')
  mkdirSync(join(home, '.config', 'docker-bash'), { recursive: true })
  writeFileSync(join(home, '.config', 'docker-bash', 'config.json'), '{"toolbox": "test/toolbox"}', { mode: 0o600 })
  for (const env of [{ DOCKER_BASH_TOOLBOX: 'test/toolbox' }, { HOME: home }]) {
    for (const words of [
      ['debug', '-c', 'mytool print a', name],
      ['-c', 'mytool print a', name],
    ]) {
      const { code, stdout } = await run(words, { env })
      expect({ env, code, stdout: stdout.toString() }).toEqual({ env, code: 0, stdout: 'a\n' })
    }
  }
  const { stderr } = await run(['debug', '--toolbox', 'test/nowhere', name], { env: { HOME: home } })
  expect(stderr).toMatch('the engine has no image test/nowhere')
})
