/** What docker-bash prints of itself and of containers: ls, ip, explain, dl, help, -v. */
import { transportNames } from '../../src/lib/model'
import { dl, run, shell } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, privateEngine } from '../support/engine'
import { openTerminal } from '../support/tmux'

const text = async (args: string[]) => {
  const { code, stdout, stderr } = await run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.toString()
}

describe('help', () => {
  test('fits 24 lines of 80 columns', async () => {
    for (const flag of ['--help', '-h']) {
      const lines = (await text([flag])).trimEnd().split('\n')
      expect(lines.length).toBeLessThanOrEqual(24)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    }
  })
  test('of a command starts with what it is, and has its examples and flags', async () => {
    for (const command of ['enter', 'ls', 'ip', 'explain']) {
      const help = await text([command, '--help'])
      expect(help).toMatch(`docker-bash ${command}`)
      expect(help.indexOf('EXAMPLES')).toBeLessThan(help.indexOf('USAGE'))
      expect(help.indexOf('EXAMPLES')).toBeGreaterThan(0)
      expect(help).toMatch(/--context=NAME/)
    }
  })
  test('version', async () => {
    expect(await text(['--version'])).toMatch(/^docker-bash \d+\.\d+\.\d+/)
  })
})

describe('ls', () => {
  test('what runs, with --all the rest, the newest first', async () => {
    const up = await container({ image: 'busybox', network: true })
    const down = await container({ image: 'busybox', start: false })
    const row = (list: string, name: string) => list.split('\n').find((line) => line.startsWith(name))
    const mine = ['--filter', `name=${up.name}`, '--filter', `name=${down.name}`]
    const list = await text(['ls', ...mine])
    expect(row(list, up.name)).toMatch(
      new RegExp(`${up.id.slice(0, 12)} +${images.busybox} +up.* +\\d+\\.\\d+\\.\\d+\\.\\d+ +sh +- +- +runc$`),
    )
    expect(row(list, down.name)).toBeUndefined()
    expect(row(await text(['ls', '-a', ...mine]), down.name)).toMatch(/debug$/)
  })
  test('as JSON, filtered', async () => {
    const { id, name } = await container({ image: 'busybox', labels: { 'ls.test': 'yes' } })
    const listed = JSON.parse(await text(['ls', '--json', '--filter', 'label=ls.test=yes', '--filter', `name=${name}`]))
    expect(listed).toEqual([expect.objectContaining({ id, name, state: 'running', enter: `docker-bash ${name}` })])
    expect(await run(['ls', '--filter', 'nosuch=1'])).toMatchObject({
      code: 125,
      stdout: Buffer.alloc(0),
      stderr: expect.stringMatching('refused'),
    })
  })
})

test('ip: one address a network, bare in a pipe, named at a terminal', async () => {
  const { id, name } = await container({ image: 'busybox', network: true })
  const ip = (await docker().inspect(id)).NetworkSettings.Networks.bridge?.IPAddress
  expect(await text(['ip', name])).toBe(`${ip}\n`)
  expect(JSON.parse(await text(['ip', '--json', name]))).toEqual([{ network: 'bridge', ipv4: ip }])
  const terminal = await openTerminal({ command: ['docker-bash', 'ip', name] })
  await terminal.until(/ {2}bridge/)
  const none = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
  const refused = await run(['ip', none.name])
  expect(refused).toMatchObject({
    code: 125,
    stdout: Buffer.alloc(0),
    stderr: expect.stringMatching('has no address of its own'),
  })
})

describe('explain', () => {
  test('every way in, in order, with the reason and the costs', async () => {
    const { id, name } = await container({ image: 'busybox' })
    const told = await text(['explain', name])
    expect(told.split('\n')[0]).toMatch(new RegExp(`^${name}  ${id.slice(0, 12)}  ${images.busybox}  up `))
    const rows = [...told.matchAll(/^ {2}[✓✗·] (\w+)/gm)].map(([, way]) => way)
    expect(rows).toEqual(transportNames)
    expect(told).toMatch(/chosen: /)
    expect(told).toMatch(/costs of \w+: /)
    const clients = 'commands by runc, a terminal by exec; files from its mounts; ports and sockets from its network'
    expect(told).toContain(`\n  ssh ${name}.docker: ${clients}\n`)
    expect(told).toMatch(/shell \/bin\/sh/)
  })
  test('how ssh gets into a container without a shell', async () => {
    const { name } = await container({ image: 'bare' })
    const clients = 'a program of plain words as it is, the rest with tools brought along (not by a gateway)'
    expect(await text(['explain', name])).toContain(`\n  ssh ${name}.docker: ${clients}; files from its mounts; `)
  })
  test('--json has the whole plan', async () => {
    const { id, name } = await container({ image: 'busybox' })
    const { target, verdicts, transport } = JSON.parse(await text(['explain', '--json', '--via', 'exec', name]))
    expect(target).toMatchObject({ id, name, state: 'running', shells: expect.arrayContaining(['/bin/sh']) })
    expect(transport).toBe('exec')
    expect(verdicts).toHaveLength(transportNames.length)
    for (const verdict of verdicts) {
      expect(verdict).toEqual(
        expect.objectContaining({ fits: expect.any(Boolean), because: expect.stringMatching(/./) }),
      )
    }
  })
  test('what -v says is the same choice', async () => {
    const { id, name } = await container({ image: 'busybox', user: '1000' })
    const { stdout, stderr } = await run(['-v', '--via', 'exec', '-w', '/tmp', name, 'pwd'])
    expect(stdout.toString()).toBe('/tmp\n')
    expect(stderr).toMatch(new RegExp(`^docker-bash: ${name} \\(${id.slice(0, 12)}\\) by exec, as 1000 in /tmp: `))
  })
  test('of one that does not run, too', async () => {
    const { name } = await container({ image: 'busybox', start: false })
    expect(await text(['explain', name])).toMatch(/created/)
  })
})

describe('dl', () => {
  test('prints what `docker ps --latest --quiet` prints', async () => {
    const engine = await privateEngine(['busybox'])
    const place = { place: engine }
    const none = await dl([], place)
    expect(none).toMatchObject({
      code: 1,
      stdout: Buffer.alloc(0),
      stderr: expect.stringMatching(/^docker-bash: there is no container\n {2}\S/),
    })
    expect((await dl(['--running'], place)).code).toBe(1)
    const on = docker(engine.host)
    const up = await container({ image: 'busybox', on })
    const down = await container({ image: 'busybox', on, start: false })
    const asDocker = await shell('docker ps --latest --quiet', place)
    expect((await dl([], place)).stdout).toEqual(asDocker.stdout)
    expect((await dl([], place)).stdout.toString()).toBe(`${down.id.slice(0, 12)}\n`)
    expect((await dl(['--full'], place)).stdout.toString()).toBe(`${down.id}\n`)
    expect((await dl(['--running'], place)).stdout.toString()).toBe(`${up.id.slice(0, 12)}\n`)
    expect(
      (await dl(['-H', engine.host, '--running', '--full'], { ...place, env: { DOCKER_HOST: 'unix:///nowhere' } }))
        .code,
    ).toBe(0)
    const { stdout } = await shell(
      'docker-bash $(dl --running) echo hello; docker-bash `dl --running` echo a b a',
      place,
    )
    expect(stdout.toString()).toBe('hello\na b a\n')
  })
  test('its own usage', async () => {
    expect((await dl(['--help'])).stdout.toString()).toMatch(/^dl: /)
    expect(await dl(['--nope'])).toMatchObject({
      code: 125,
      stdout: Buffer.alloc(0),
      stderr: expect.stringMatching(/--nope[\s\S]*dl --help/),
    })
    expect((await dl([], { env: { DOCKER_HOST: 'unix:///nowhere' } })).code).toBe(125)
  })
})

test('foreign text cannot reach the terminal as it is', async () => {
  const hostile = '\u001b]0;owned\u0007\u001b[31m\u202efoo'
  const { name } = await container({
    image: 'busybox',
    labels: { 'com.docker.compose.service': hostile, 'docker-bash.shell': `/bin/${hostile}` },
    user: '0',
    env: [`X=${hostile}`],
  })
  for (const args of [
    ['ls'],
    ['explain', name],
    ['-v', name, 'true'],
    [hostile, 'true'],
    ['ls', '--filter', hostile],
  ]) {
    const { stdout, stderr } = await run(args)
    expect(stdout.toString() + stderr).not.toMatch(/[\u001b\u0007\u202e]/)
  }
})
