/** TARGET in all its forms, and everything that can be wrong with it: message, hint, code, and stdout empty. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, shell } from '../support/cli'
import { container, uniqueName } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, scratch } from '../support/engine'
import { asNobody } from '../support/nobody'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

/** What docker-bash says when it refuses: the message, the lines between, the hint. */
async function refusal(args: string[], options: Parameters<typeof run>[1] = {}) {
  const { code, stdout, stderr } = await run(args, options)
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  const [message = '', ...rest] = stderr.trimEnd().split('\n')
  expect(message).toMatch(/^docker-bash: /)
  expect(rest.length).toBeGreaterThan(0)
  return { message: message.slice(13), rest: rest.map((line) => line.replace(/^ {2}/, '')) }
}
const says = async (args: string[], options: Parameters<typeof run>[1] = {}) =>
  (await run(args, options)).stdout.toString()

describe('names and IDs', () => {
  test('a full ID, its start, a name, and the forms that say which', async () => {
    const { id, name } = await container({ image: 'busybox' })
    for (const target of [id, id.slice(0, 12), name, `name:${name}`, `id:${id}`, `id:${id.slice(0, 10)}`]) {
      expect(await says([target, 'hostname'])).toBe(`${id.slice(0, 12)}\n`)
    }
    await refusal([`id:${name}`, 'true'])
    await refusal([`name:${id}`, 'true'])
  })
  test('an exact name wins over the start of an ID', async () => {
    const { id } = await container({ image: 'busybox' })
    const other = await container({ image: 'busybox', name: id.slice(0, 8) })
    expect(await says([id.slice(0, 8), 'hostname'])).toBe(`${other.id.slice(0, 12)}\n`)
  })
  test('-l: the newest that runs', async () => {
    // Other tests make containers on the same engine: once in a while one of theirs is newer than ours.
    const said = await until(
      async () => {
        const { id, name } = await container({ image: 'busybox' })
        const { stdout, stderr } = await run(['-l', '-v', 'hostname'])
        return stderr.startsWith(`docker-bash: ${name} (${id.slice(0, 12)}) by `) && { id, stdout: stdout.toString() }
      },
      30_000,
      () => 'another was always newer',
    )
    expect(said.stdout).toBe(`${said.id.slice(0, 12)}\n`)
  })
  test('a container named like a command, by enter', async () => {
    const { id } = await container({ image: 'busybox', name: 'explain' })
    expect(await says(['enter', 'explain', 'hostname'])).toBe(`${id.slice(0, 12)}\n`)
    expect(await says(['name:explain', 'hostname'])).toBe(`${id.slice(0, 12)}\n`)
  })
  test('two that begin alike are listed', async () => {
    const starts = new Map<string, string>()
    for (;;) {
      const { id } = await container({ image: 'busybox', start: false })
      const start = id.slice(0, 1)
      if (starts.has(start)) {
        const { message, rest } = await refusal([`id:${start}`, 'true'])
        expect(message).toMatch(new RegExp(`^${start} is the start of \\d+ container IDs$`))
        expect(rest.join('\n')).toMatch(id.slice(0, 12))
        return
      }
      starts.set(start, id)
    }
  })
  test('one that is not there: the nearest names', async () => {
    await container({ image: 'busybox', name: 'frontend-web' })
    const { message, rest } = await refusal(['fronted-web', 'true'])
    expect(message).toBe('no container named fronted-web')
    expect(rest).toEqual(['did you mean frontend-web? docker-bash ls shows what runs'])
    expect((await refusal(['qqqqqq', 'true'])).rest).toEqual(['docker-bash ls shows what runs'])
  })
  test('a name that is none is not asked for, whatever is in it', async () => {
    for (const odd of ['../../info', 'a/b', 'a b', 'ä', '%2e%2e', 'x\u001b[31m']) {
      const { message } = await refusal([odd, 'true'])
      expect(message).toBe(`no container named ${odd.replace('\u001b', '\\x1b')}`)
    }
  })
})

describe('compose services, images and labels', () => {
  const project = uniqueName().replace('-', '')
  const member = (service: string, number: number, more: Record<string, string> = {}) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': String(number),
    ...more,
  })
  let cwd: string
  beforeAll(() => {
    cwd = join(scratch('compose'), project, 'src')
    mkdirSync(cwd, { recursive: true })
    writeFileSync(join(cwd, '..', 'compose.yaml'), 'services: {}\n')
  })
  test('a service of the project in this folder', async () => {
    // Other files' containers are on this engine, too.
    const api = `api-${project}`
    const one = await container({ image: 'busybox', labels: member(api, 1) })
    await container({ image: 'busybox', labels: member(api, 9, { 'com.docker.compose.oneoff': 'True' }) })
    const host = `${one.id.slice(0, 12)}\n`
    expect(await says([api, 'hostname'], { cwd })).toBe(host)
    expect(await says([`service:${api}`, 'hostname'], { cwd })).toBe(host)
    expect(await says([`service:${api}`, 'hostname'], { cwd: '/' })).toBe(host)
    expect((await refusal([api, 'true'], { cwd: '/' })).message).toBe(`no container named ${api}`)
    const two = await container({ image: 'busybox', labels: member(api, 2) })
    expect(await says([`${api}#2`, 'hostname'], { cwd })).toBe(`${two.id.slice(0, 12)}\n`)
    const { message, rest } = await refusal([api, 'true'], { cwd })
    expect(message).toBe(`${api} is 2 containers`)
    expect(rest.join('\n')).toMatch(one.name)
    expect(rest.join('\n')).toMatch(two.name)
    expect((await refusal([`${api}#7`, 'true'], { cwd })).message).toBe(`no container named ${api}#7`)
  })
  test('a label, an image', async () => {
    const { id } = await container({ image: 'busybox', labels: { [`${project}.tier`]: 'front' } })
    expect(await says([`label:${project}.tier=front`, 'hostname'])).toBe(`${id.slice(0, 12)}\n`)
    expect(await says([`label:${project}.tier`, 'hostname'])).toBe(`${id.slice(0, 12)}\n`)
    expect((await refusal([`label:${project}.tier=back`, 'true'])).message).toMatch('no container for')
    await container({ image: 'busybox' })
    expect((await refusal([`image:${images.busybox}`, 'true'])).message).toMatch(/^image:\S+ is \d+ containers$/)
    expect((await refusal(['image:nosuch', 'true'])).message).toBe('no container for image:nosuch')
  })
  test('a swarm task, where there is no swarm (swarm.test.ts has one)', async () => {
    const { message, rest } = await refusal(['task:web.2', 'true'])
    expect(message).toMatch(/^the engine at unix:\S+ is in no swarm: task:web\.2$/)
    expect(rest).toEqual(['name the engine of one that is: --context NAME'])
    expect((await refusal(['web.2', 'true'])).message).toBe('no container named web.2')
  })
})

describe('a container that cannot be entered', () => {
  test('never started', async () => {
    const { name } = await container({ image: 'busybox', start: false })
    const { message, rest } = await refusal([name, 'true'])
    expect(message).toBe(`${name} was never started`)
    expect(rest[0]).toMatch(`docker start ${name}`)
    expect(rest[0]).toMatch(`docker-bash debug ${name}`)
  })
  test('exited, with its code and how long ago', async () => {
    const { id, name } = await container({ image: 'busybox', cmd: ['sh', '-c', 'exit 42'] })
    await docker().wait(id)
    expect((await refusal([name, 'true'])).message).toMatch(/ is not running: it exited \d+ seconds? ago with code 42$/)
  })
  test('killed for its memory', async () => {
    const { id, name } = await container({
      image: 'busybox',
      // The engine hears of a lack of memory and of an end by two messages, and the end may come first.
      cmd: ['sh', '-c', 'tail /dev/zero; sleep 1; exit 137'],
      hostConfig: { Memory: 16 * 1024 ** 2, MemorySwap: 16 * 1024 ** 2 },
    })
    await docker().wait(id)
    expect((await refusal([name, 'true'])).message).toMatch(/with code \d+ \(out of memory\)$/)
  })
  test('paused', async () => {
    const { id, name } = await container({ image: 'busybox' })
    await docker().act('pause', id)
    expect(await refusal([name, 'true'])).toEqual({
      message: `${name} is paused: nothing in it can run`,
      rest: [`docker unpause ${name}`],
    })
    await docker().act('unpause', id)
  })
  test('restarting again and again', async () => {
    const { name } = await container({
      image: 'busybox',
      cmd: ['sh', '-c', 'exit 3'],
      hostConfig: { RestartPolicy: { Name: 'always' } },
    })
    const deadline = Date.now() + 20_000
    for (;;) {
      const { stderr } = await run([name, 'true'])
      if (/is restarting/.test(stderr)) {
        expect(stderr).toMatch(/it keeps ending( with code 3)?\n {2}docker logs /)
        return
      }
      if (Date.now() > deadline) throw new Error(stderr)
    }
  })
})

describe('usage', () => {
  test.each([
    [['-l', '--nope'], 'nonexistent flag: --nope'],
    [['--via', 'teleport', 'web'], /teleport/],
    [['-u'], /expects a value/],
    [['-t', '-T', 'web'], /--no-tty/],
    [['enter'], 'no TARGET'],
    [['-w', 'tmp', 'web'], 'invalid folder "tmp" for -w: not an absolute path'],
    [['-e', '=x', 'web'], /invalid variable "=x" for -e/],
    [['--env-file', '/nosuch', 'web'], /there is no such file/],
    [[''], 'the TARGET is empty'],
    [['name:'], /invalid TARGET "name:": nothing behind the colon/],
    [['ls', 'extra'], /unexpected argument/i],
    [['ls', '--filter', 'x'], /invalid filter "x"/],
    [['ip'], /missing 1 required arg/i],
  ])('%j is refused', async (args, wanted) => {
    expect((await refusal(args)).message).toEqual(typeof wanted === 'string' ? wanted : expect.stringMatching(wanted))
  })
  test('without a TARGET and a terminal, the usage on stderr', async () => {
    const { code, stdout, stderr } = await run([])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch('docker-bash TARGET')
  })
  test('local mistakes are found before the engine is asked', async () => {
    const nowhere = { env: { DOCKER_HOST: 'unix:///nowhere' } }
    expect((await refusal(['-e', '=x', 'web'], nowhere)).message).toMatch('invalid variable "=x" for -e')
    expect((await refusal(['--env-file', '/nosuch', 'web'], nowhere)).message).toMatch('no such file')
  })
  test('words that are not UTF-8 are refused, not changed', async () => {
    const { stdout } = await openedLine(`docker-bash web echo $(printf '\\351')`)
    expect(stdout).toMatch('is not valid UTF-8')
  })
})

test("a command's own --env-file is not Node's to read", async () => {
  const { name } = await container({ image: 'busybox' })
  const { code, stdout, stderr } = await shell(`docker-bash ${name} echo --env-file /nosuch`)
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: '--env-file /nosuch\n', stderr: '' })
})

test.each([
  ['deleted', ['sh', '-c', `d=$(mktemp -d -p ${scratch('cwd')}) && cd "$d" && rmdir "$d" && exec "$@"`, 'sh']],
  [
    'not ours to look into',
    ['sh', '-c', `d=$(mktemp -d -p ${scratch('cwd')}) && chmod 700 "$d" && cd "$d" && exec "$@"`, 'sh', ...asNobody()],
  ],
])('our own folder is %s: every TARGET is found, and the newest', async (_, under) => {
  const { id } = await container({ image: 'busybox' })
  const there = await run([id.slice(0, 12), 'echo', 'in'], { under })
  expect({ ...there, stdout: there.stdout.toString() }).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' })
  // By now it may be another test's, which has no shell or ends.
  const newest = await until(
    async () => {
      const { name } = await container({ image: 'busybox' })
      const found = await run(['-l', '-v', 'echo', 'in'], { under })
      return found.stderr.startsWith(`docker-bash: ${name} `) && found
    },
    30_000,
    () => 'another was always newer',
  )
  expect({ code: newest.code, stdout: newest.stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
  expect((await run(['nosuch', 'true'], { under })).stderr).toMatch(/there is no|no container/)
})

async function openedLine(line: string): Promise<{ stdout: string }> {
  const terminal = await openTerminal({ columns: 200, command: ['sh', '-c', `${line}; echo code $?`] })
  const stdout = await terminal.until(/code \d+/)
  expect(stdout).toMatch(/code 125/)
  return { stdout }
}
