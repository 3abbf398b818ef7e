/** What does not run: a throwaway copy of it, with what it had, and the original as it was. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run, start } from '../support/cli'
import { type Container, type ContainerOptions, container, uniqueName } from '../support/containers'
import { debugContainers, lostVolumes, nothingLeft } from '../support/debug'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

const exited = async (options: Partial<ContainerOptions> = {}): Promise<Container> => {
  const made = await container({ image: 'busybox', cmd: ['sh', '-c', 'echo out; exit 3'], ...options })
  await docker().wait(made.id)
  return made
}
const debug = (name: string, script: string, ...flags: string[]) => run(['debug', ...flags, '-c', script, name])

describe('on entry it says', () => {
  test('how it ended, and the last 20 lines of its log with what is hostile in them made visible', async () => {
    const hostile = "printf '\\033]0;title\\007\\033[2Jwiped\\342\\200\\256rtl\\n'"
    const { name } = await exited({
      cmd: ['sh', '-c', `for i in $(seq 30); do echo line $i; done; ${hostile}; exit 7`],
    })
    const { code, stdout, stderr } = await debug(name, 'echo in')
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
    expect(stderr).toMatch(new RegExp(`${name} ended .* ago with code 7\n`))
    expect(stderr.match(/^docker-bash: {3}line \d+$/gm)).toEqual(
      Array.from({ length: 19 }, (_, i) => `docker-bash:   line ${i + 12}`),
    )
    expect(stderr).toMatch('\\x1b]0;title\\x07\\x1b[2Jwiped\\u202ertl')
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/)
  })

  test('that memory was what it ended of', async () => {
    const { name, id } = await exited({
      // The engine hears of a lack of memory and of an end by two messages, and the end may come first.
      cmd: ['sh', '-c', 'tail /dev/zero; sleep 1; exit 137'],
      hostConfig: { Memory: 8 * 1024 * 1024, MemorySwap: 8 * 1024 * 1024 },
    })
    expect((await docker().inspect(id)).State.OOMKilled).toBe(true)
    expect((await debug(name, 'true')).stderr).toMatch(/ended .* with code 137 \(out of memory\)/)
  })

  test('nothing of a log that is kept nowhere, nor of an end that never was', async () => {
    const none = await exited({ hostConfig: { LogConfig: { Type: 'none' } } })
    expect((await debug(none.name, 'true')).stderr.split('\n')).toHaveLength(3)
    const { name } = await container({ image: 'busybox', start: false })
    expect((await debug(name, 'true')).stderr).toMatch(/^docker-bash: this is a copy of [^\n]*\n$/)
  })

  test('what would have been started; --entrypoint runs it, with words behind it', async () => {
    const { name } = await exited({
      entrypoint: ['sh', '-c', 'echo "was $*"; exit 4', 'sh'],
      cmd: ['one', 'two words'],
    })
    expect((await debug(name, 'true')).stderr).toMatch(
      'it would start ["sh","-c","echo \\"was $*\\"; exit 4","sh","one","two words"]',
    )
    const { code, stdout } = await run(['debug', '--entrypoint', name, 'three'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 4, stdout: 'was one two words three\n' })
  })
})

describe('the copy', () => {
  test('has the image, variables, user, folder and network; tools behind its own programs', async () => {
    const network = `debug-${uniqueName()}`
    const second = `debug-${uniqueName()}`
    for (const Name of [network, second]) await docker().call('POST', '/networks/create', { Name })
    const { name, id } = await exited({
      user: '4711:4712',
      env: ['MARK=a b'],
      workdir: '/tmp',
      hostConfig: { NetworkMode: network, CapDrop: ['ALL'] },
    })
    await docker().call('POST', `/networks/${second}/connect`, { Container: id })
    const script =
      'id -u; id -g; echo "$MARK"; pwd; grep CapBnd /proc/self/status; echo $PATH; ls /sys/class/net | grep -c eth'
    const { stdout } = await debug(name, script)
    expect(stdout.toString().split('\n')).toEqual([
      ...['4711', '4712', 'a b', '/tmp', 'CapBnd:\t0000000000000000'],
      ...[expect.stringMatching(/:\/bin:\/\.docker-bash$/), '2', ''],
    ])
    await docker().remove(id)
    for (const one of [network, second]) await docker().call('DELETE', `/networks/${one}`)
  })

  test('does without a network or PIDs that went with another container, and says so', async () => {
    const other = await container({ image: 'busybox', network: true })
    const mode = `container:${other.id}`
    const { name } = await exited({ hostConfig: { NetworkMode: mode, PidMode: mode } })
    const joined = await debug(name, 'ps | grep -c "sleep 1000"; ls /sys/class/net | grep -c eth')
    expect(joined.stdout.toString()).toMatch(/^[1-9]\d*\n1\n$/)
    await other.remove()
    const { code, stderr } = await debug(name, 'ls /sys/class/net | grep -c eth')
    expect({ code, stderr }).toMatchObject({ code: 1 })
    expect(stderr).toMatch(/no network: container:\w+ is not there, PIDs of its own/)
  })

  test('has the mounts read-only, until --writable; what was read-only stays so', async () => {
    const folder = scratch('mounts')
    for (const one of ['open', 'shut']) mkdirSync(join(folder, one))
    const volume = `debug-${uniqueName()}`
    await docker().call('POST', '/volumes/create', { Name: volume })
    const Mounts = [
      { Type: 'bind', Source: join(folder, 'open'), Target: '/open' },
      { Type: 'bind', Source: join(folder, 'shut'), Target: '/shut', ReadOnly: true },
      { Type: 'volume', Source: volume, Target: '/kept' },
      { Type: 'tmpfs', Target: '/fast' },
    ]
    const { name, id } = await exited({ hostConfig: { Mounts } })
    const script = 'for d in open shut kept fast; do echo x 2>/dev/null >/$d/new && echo $d; done; true'
    const refused = await debug(name, script)
    expect(refused.stdout.toString()).toBe('fast\n')
    expect(refused.stderr).toMatch(`this is a copy of ${name}, its mounts read-only (--writable); it would start`)
    expect(readdirSync(join(folder, 'open'))).toEqual([])
    const allowed = await debug(name, script, '--writable')
    expect(allowed.stdout.toString()).toBe('open\nkept\nfast\n')
    expect(allowed.stderr).not.toMatch('read-only')
    expect(readdirSync(join(folder, 'open'))).toEqual(['new'])
    await docker().remove(id)
    await docker().call('DELETE', `/volumes/${volume}`)
  })

  test('has a root that is read-only as the original’s, until --writable; its tools cannot be changed either way', async () => {
    const { name } = await exited({ hostConfig: { ReadonlyRootfs: true } })
    const script = 'touch /new && echo made; touch /.docker-bash/new && echo broken; ls /.docker-bash/busybox'
    const refused = await debug(name, script)
    expect(refused.stdout.toString()).toBe('/.docker-bash/busybox\n')
    expect(refused.stderr).toMatch('its root read-only (--writable)')
    expect((await debug(name, script, '--writable')).stdout.toString()).toBe('made\n/.docker-bash/busybox\n')
    const plain = await exited()
    expect((await debug(plain.name, script)).stdout.toString()).toBe('made\n/.docker-bash/busybox\n')
  })

  test('goes with the session, and its tools’ volume with it; the original stays as it was', async () => {
    const { name, id } = await exited()
    const [before, lost] = [await docker().inspect(id), await lostVolumes()]
    await debug(name, 'touch /new')
    await nothingLeft(id, lost)
    expect(await docker().inspect(id)).toEqual(before)
  })

  test('--keep leaves it to be started again, and says what removes it', async () => {
    const { name, id } = await exited()
    const { stderr } = await debug(name, 'echo mine >/mine', '--keep')
    const kept = /the copy is kept: docker rm (\S+) removes it/.exec(stderr)?.[1] ?? ''
    expect(kept).toMatch(new RegExp(`^${name}-copy-`))
    expect((await debug(kept, 'cat /mine')).code).toBe(1)
    await docker().act('start', kept)
    expect(await debugContainers(id)).toHaveLength(1)
    await docker().remove(kept)
  })

  test('that cannot be had is refused with the reason, and nothing is left', async () => {
    const folder = scratch('gone')
    const { name, id } = await exited({ hostConfig: { Mounts: [{ Type: 'bind', Source: folder, Target: '/data' }] } })
    rmSync(folder, { recursive: true })
    const lost = await lostVolumes()
    const { code, stderr } = await debug(name, 'true')
    expect(code).toBe(125)
    expect(stderr).toMatch(new RegExp(`${name} cannot be copied: .*bind`))
    await nothingLeft(id, lost)
  })
})

test('a container of an image that never ran says what it would start', async () => {
  const { code, stdout, stderr } = await run(['debug', '-c', 'ls /bare', 'image:test/bare'])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: '/bare\n' })
  expect(stderr).toMatch('this is a new container of the image test/bare; it would start ["/bare","sleep"]')
})

describe('a script never finds itself in a copy', () => {
  test.each([[[]], [['-t']], [['-c', 'echo in']], [['--via', 'debug', '-c', 'echo in']]])('with %j', async (flags) => {
    const { name, id } = await exited()
    const { code, stdout, stderr } = await run([...flags, name, 'echo', 'in'], { input: 'y\ny\n' })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(`docker-bash debug ${name}`)
    expect(await debugContainers(id)).toEqual([])
  })

  test('nor does a command at a terminal that refused one', async () => {
    const { name } = await exited()
    const terminal = await openTerminal({ command: ['docker-bash', '-T', name, 'true'] })
    expect(await terminal.exit()).toEqual({ code: 125 })
    await terminal.kill()
  })
})

describe('paused', () => {
  const paused = async () => {
    const made = await container({ image: 'busybox' })
    await docker().act('pause', made.id)
    return made
  }
  const isPaused = async (id: string) => (await docker().inspect(id)).State.Paused

  test('says so, and names both ways to look', async () => {
    const { name, id } = await paused()
    const { code, stderr } = await run(['debug', name])
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: `docker-bash: ${name} is paused: nothing in it can run\n  docker-bash debug --unpause ${name} for as long as you look, or --copy ${name}\n`,
    })
    expect(await isPaused(id)).toBe(true)
  })

  test('--unpause lasts as long as the session, however that ends', async () => {
    const { name, id } = await paused()
    expect((await debug(name, 'exit 5', '--unpause')).code).toBe(5)
    expect(await isPaused(id)).toBe(true)
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const running = start(['debug', '--unpause', '-c', 'echo ready; sleep 7301', name])
      await running.said(/ready/)
      expect(await isPaused(id)).toBe(false)
      running.kill(signal)
      await running.ended
      await until(
        () => isPaused(id),
        15_000,
        () => `not paused again after ${signal}`,
      )
    }
    await docker().act('unpause', id)
  })

  test('--copy leaves it alone', async () => {
    const { name, id } = await paused()
    expect((await debug(name, 'echo copy', '--copy')).stdout.toString()).toBe('copy\n')
    expect(await isPaused(id)).toBe(true)
    await docker().act('unpause', id)
  })
})
