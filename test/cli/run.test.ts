/** `docker-bash run`: the same command in many containers. Both ways in, wherever they could differ. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { type Result, run, shell, start } from '../support/cli'
import { container, uniqueName } from '../support/containers'
import { images, scratch } from '../support/engine'
import { type FleetOfTests, fleetOf } from '../support/fleet'
import { slowness } from '../support/pace'
import { waitForProcess, waitGone } from '../support/processes'

let three: FleetOfTests
beforeAll(async () => {
  three = await fleetOf(3)
})

const names = (fleet: FleetOfTests) => fleet.members.map(({ name }) => name)
const text = ({ stdout }: Result) => stdout.toString()
const sorted = (result: Result) => text(result).split('\n').filter(Boolean).sort()
const fleetRun = (...args: string[]) => run(['run', ...args], { timeoutMs: 60_000 })
/** Whose lines there are. */
const chosen = (result: Result) => sorted(result).map((line) => line.replace(/ +\|.*/, ''))

describe('selectors', () => {
  test('patterns, IDs, labels, images; each once, whatever chooses it twice', async () => {
    const [a, b, c] = names(three)
    const label = uniqueName()
    const labelled = await container({ image: 'busybox', labels: { [label]: 'yes' } })
    const other = await container({ image: 'busybox', labels: { [label]: 'no' } })
    expect(chosen(await fleetRun(three.glob, '--', 'true', 'x'))).toEqual([])
    expect(chosen(await fleetRun(three.glob, `${a}`, '--', 'echo'))).toEqual([a, b, c])
    expect(chosen(await fleetRun(three.members[1]?.id.slice(0, 20) ?? '', `name:${c}`, '--', 'echo'))).toEqual([b, c])
    expect(chosen(await fleetRun(`${three.glob.slice(0, -1)}[!13]`, '--', 'echo'))).toEqual([b])
    expect(chosen(await fleetRun(`label:${label}=yes`, '--', 'echo'))).toEqual([labelled.name])
    expect(chosen(await fleetRun(`label:${label}`, '--', 'echo'))).toEqual([labelled.name, other.name].sort())
    expect(chosen(await fleetRun(`image:${images.busybox}`, '--', 'echo'))).toEqual(
      expect.arrayContaining([a, b, c, labelled.name, other.name]),
    )
    expect(chosen(await fleetRun('--all', '--', '/bin/busybox', 'echo'))).toEqual(expect.arrayContaining([a, b, c]))
  })
  test('services of the compose project in this folder', async () => {
    const project = uniqueName().replace('-', '')
    const labels = (number: number) => ({
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'api',
      'com.docker.compose.container-number': String(number),
    })
    const first = await container({ image: 'busybox', name: `${project}-api-1`, labels: labels(1) })
    const second = await container({ image: 'busybox', name: `${project}-api-2`, labels: labels(2) })
    const cwd = scratch('compose')
    writeFileSync(join(cwd, 'compose.yaml'), `name: ${project}\n`)
    const here = async (selector: string) => chosen(await run(['run', selector, '--', 'echo'], { cwd }))
    expect(await here('api')).toEqual([first.name, second.name])
    expect(await here('service:api')).toEqual([first.name, second.name])
    expect(await here('service:api#2')).toEqual([second.name])
  })
  test('one that is named has to run; of others, those that do not are said', async () => {
    const mark = uniqueName()
    const up = await container({ image: 'busybox', name: `${mark}-1` })
    const down = await container({ image: 'busybox', name: `${mark}-2`, start: false })
    const named = await fleetRun(up.name, down.name, '--', 'touch', '/begun')
    expect(named).toMatchObject({ code: 125, stderr: expect.stringMatching(`${down.name} was never started`) })
    const fitting = await fleetRun(`${mark}-*`, '--', 'ls', '/begun')
    expect(fitting).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(`left out, not running: ${down.name} \\(created\\)`),
    })
    expect(fitting.stderr).toMatch('No such file')
  })
  test('what fits nothing that runs is an error with a hint, and nothing is begun', async () => {
    const [a] = names(three)
    const down = await container({ image: 'busybox', start: false })
    for (const [args, message] of [
      [[`${a}`, 'nosuch-*'], /no container fits nosuch-\*\n {2}docker-bash ls/],
      [[`${a}`, `${down.name}*`], /none of those that fit .* is running\n.*created\n.*docker start/],
      [[`${a}`, 'nosuchname'], /no container named nosuchname/],
      [[], /no SELECTOR\n {2}docker-bash run/],
      [['--all', `${a}`], /--all and a SELECTOR/],
    ] as const) {
      const result = await fleetRun(...args, '--', 'touch', '/begun')
      expect(result).toMatchObject({ code: 125, stdout: Buffer.alloc(0), stderr: expect.stringMatching(message) })
    }
    expect(await fleetRun(`${a}`)).toMatchObject({ code: 125, stderr: expect.stringMatching('no COMMAND') })
    expect((await fleetRun(`${a}`, '--', 'test', '!', '-e', '/begun')).code).toBe(0)
  })
  test('a container named run is entered by `enter run`', async () => {
    await container({ image: 'busybox', name: 'run' })
    expect(text(await run(['enter', 'run', 'echo', 'here']))).toBe('here\n')
    expect(text(await run(['run', 'run', '--', 'echo', 'here']))).toBe('run | here\n')
  })
})

describe('output', () => {
  test('a line behind its name, both streams apart, the last one completed, bytes as they came', async () => {
    const [a, b] = names(three)
    const script = 'printf "one\\r\\n\\033[31mtwo\\377"; echo three >&2'
    const result = await fleetRun(`${a}`, `${b}`, '-c', script)
    const expected = [a, b].map((name) => `${name} | one\r\n${name} | \x1b[31mtwo\xff\n`)
    expect(result.stdout.toString('latin1').split('\n').sort()).toEqual(expected.join('').split('\n').sort())
    expect(result.stderr.split('\n').sort()).toEqual(
      ['', `${a} | three`, `${b} | three`, 'docker-bash: 2 of 2 ended with 0'].sort(),
    )
  })
  test('never one line within another', async () => {
    const body = 'x'.repeat(500)
    const script = `for i in $(seq 300); do printf ${body.slice(0, 250)}; printf "${body.slice(250)} $i\\n"; done`
    const result = await fleetRun(three.glob, '-c', script)
    const lines = sorted(result)
    expect(lines).toHaveLength(900)
    for (const line of lines) expect(line).toMatch(/^t-[0-9a-f]+-[123] \| x{500} \d+$/)
  })
  test('a line without an end goes out in pieces, with bounded memory', async () => {
    const size = 100_000_000
    const result = await run(['run', three.glob, '-c', `head -c ${size} /dev/zero | tr '\\0' a; echo; echo end`], {
      memory: true,
      timeoutMs: 120_000,
    })
    expect(result.code).toBe(0)
    const bytes = names(three).map((name) => {
      const own = text(result)
        .split('\n')
        .filter((line) => line.startsWith(name))
      expect(own[0]).toMatch(/^\S+ \| a{65536}$/)
      expect(own[1]).toMatch(/^\S+ \+ a{65536}$/)
      expect(own.at(-1)).toBe(`${name} | end`)
      return own.slice(0, -1).reduce((sum, line) => sum + line.length - name.length - 3, 0)
    })
    expect(bytes).toEqual([size, size, size])
    expect(result.maxRssKb).toBeLessThan(250_000)
  })
  test('--json: an object a line, what is not UTF-8 as base64, an end each', async () => {
    const [a] = names(three)
    const { id } = three.members[0] ?? { id: '' }
    const result = await fleetRun(`${a}`, '--json', '-c', 'echo "one\\"ä"; printf "\\377\\n"; printf rest >&2; exit 3')
    const objects = text(result)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const whose = { container: a, id }
    expect(objects).toEqual(
      expect.arrayContaining([
        { ...whose, stream: 'stdout', line: 'one"ä' },
        { ...whose, stream: 'stdout', base64: '/w==' },
        { ...whose, stream: 'stderr', line: 'rest', partial: true },
      ]),
    )
    expect(objects.at(-1)).toEqual({ ...whose, code: 3, seconds: expect.any(Number) })
    expect(objects).toHaveLength(4)
  })
  test('--group: each in one piece under its name, with bounded memory', async () => {
    const script = 'yes $(hostname) | head -c 30000000; printf "last"'
    const running = start(['run', three.glob, '--group', '-c', script], { collect: false, memory: true })
    const hashes: string[] = []
    let held = ''
    for await (const chunk of running.stdout) {
      held += chunk
      const lines = held.split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) if (hashes.at(-1) !== line) hashes.push(line)
    }
    const { code, maxRssKb } = await running.ended
    expect(code).toBe(0)
    const heads = hashes.filter((line) => line.startsWith('==>'))
    expect(heads.sort()).toEqual(names(three).map((name) => `==> ${name} <==`))
    // Name, one repeated line, the cut off last one: nothing of another's in between.
    expect(hashes.filter(Boolean)).toHaveLength(9)
    expect(maxRssKb).toBeLessThan(200_000)
  })
  test('--group shows stdout and stderr as they came, and the code of what failed', async () => {
    const [a] = names(three)
    const result = await shell(`docker-bash run ${a} --group -c 'echo 1; sleep 0.2; echo 2 >&2; exit 4' 2>&1`)
    expect(text(result)).toMatch(new RegExp(`^==> ${a}: code 4 <==\n1\n==> ${a} <==\n2\ndocker-bash: 0 of 1`))
  })
  test('a reader who leaves ends all: code 141, nothing left', async () => {
    const result = await shell(`docker-bash run '${three.glob}' -- yes | head -n 1; echo "$\{PIPESTATUS[0]}"`)
    expect(text(result)).toMatch(/ \| y\n141\n$/)
    for (const { id } of three.members) await waitGone(id, /^yes$/)
  })
  test('output that cannot be written is an error that says so', async () => {
    const result = await shell(`docker-bash run '${three.glob}' -- echo hello >/dev/full; echo $?`)
    expect(text(result)).toBe('125\n')
    expect(result.stderr).toMatch(/cannot write the output: .*no space left/)
  })
})

describe('input', () => {
  test('none by default: safe inside `while read`', async () => {
    const [a] = names(three)
    const result = await shell(
      `printf '1\\n2\\n' | while read -r n; do docker-bash run ${a} -- sh -c "cat; echo $n"; done`,
    )
    expect(text(result)).toBe(`${a} | 1\n${a} | 2\n`)
  })
  test('--stdin each: the same bytes to each', async () => {
    const bytes = randomBytes(5_000_000)
    const sum = createHash('sha256').update(bytes).digest('hex')
    const result = await run(['run', three.glob, '--stdin', 'each', '--', 'sha256sum'], { input: bytes })
    expect(sorted(result)).toEqual(names(three).map((name) => `${name} | ${sum}  -`))
  })
})

test('-u, -w, -e and --env-file are as in enter', async () => {
  const [a] = names(three)
  const file = join(scratch('env'), 'vars')
  writeFileSync(file, 'FROM_FILE=yes\n')
  const flags = ['-u', '1000:1000', '-w', '/tmp', '-e', 'A=1', '-e', 'B', '--env-file', file]
  const script = 'id -u; pwd; echo $A$B$FROM_FILE'
  const result = await run(['run', `${a}`, ...flags, '-c', script], { env: { B: '2' } })
  expect(text(result)).toBe(`${a} | 1000\n${a} | /tmp\n${a} | 12yes\n`)
})

test('settings and labels hold as in enter', async () => {
  const labelled = await container({
    image: 'busybox',
    labels: { 'docker-bash.user': '4711', 'docker-bash.workdir': '/tmp' },
  })
  const said = async (env: Record<string, string>) =>
    text(await run(['run', '-v', labelled.name, '-c', 'id -u; pwd'], { env })).replaceAll(`${labelled.name} | `, '')
  expect(await said({})).toBe('4711\n/tmp\n')
  expect(await said({ DOCKER_BASH_USER: '12' })).toBe('12\n/tmp\n')
  const { stderr } = await run(['run', '-v', labelled.name, '--', 'true'], { env: { DOCKER_BASH_VIA: 'exec' } })
  expect(stderr).toMatch(`docker-bash: ${labelled.name}: by exec`)
})

describe('the exit code', () => {
  test('is the first failure’s in the order of the selection, not in time', async () => {
    const [a, b, c] = names(three)
    const script = `case $(hostname) in ${three.members[0]?.id.slice(0, 12)}) exit 0 ;; ${three.members[1]?.id.slice(0, 12)}) sleep 1; exit 7 ;; *) exit 3 ;; esac`
    const inOrder = await fleetRun(three.glob, '-c', script)
    expect(inOrder.code).toBe(7)
    expect(inOrder.stderr).toBe(`docker-bash: 1 of 3 ended with 0, 2 did not:\n  ${b}    7\n  ${c}    3\n`)
    expect((await fleetRun(`${c}`, `${b}`, `${a}`, '-c', script)).code).toBe(3)
  })
  test.each(['runc', 'exec'])('127 and 126 of a command that cannot be run, by %s', async (via) => {
    const [a] = names(three)
    expect(await fleetRun('--via', via, `${a}`, '--', 'nosuch')).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(`${a}  127  there is no nosuch in ${a}`),
    })
    expect((await fleetRun('--via', via, `${a}`, '--', '/etc')).code).toBe(126)
    expect((await fleetRun('--via', via, `${a}`, '-u', 'nosuch', '--', 'true')).code).toBe(125)
  })
  test('is 255 when what kept the commands is gone, never 0', async () => {
    const running = start(['run', three.glob, '--', 'sleep', '7101'])
    for (const { id } of three.members) await waitForProcess(id, /^sleep 7101$/)
    const supervisor = processes().find(({ pid }) => parentOf(pid) === running.pid)
    process.kill(supervisor?.pid ?? 0, 'SIGKILL')
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toEqual({
      code: 255,
      stderr: expect.stringMatching(/255 {2}lost: what kept it was ended/),
    })
    for (const { pid } of processes().filter(({ args }) => args[1] === '7101')) process.kill(pid, 'SIGKILL')
  })
})

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

describe.each(['runc', 'exec'])('nothing is left by %s', (via) => {
  const everywhere = async (line: RegExp, act: (id: string, line: RegExp) => Promise<unknown>) => {
    for (const { id } of three.members) await act(id, line)
  }
  const stubborn = (seconds: number) => ['-c', `trap "" INT TERM HUP; sleep ${seconds}; sleep ${seconds}`]

  test('after --timeout: 124, and what had no turn is not begun', async () => {
    // Long enough for two of them to begin.
    const time = Math.ceil(2 * (await slowness()))
    const flags = ['--via', via, '--parallel', '2', '--timeout', `${time}s`]
    const result = await fleetRun(...flags, three.glob, ...stubborn(7102))
    expect(result.code).toBe(124)
    const lines = (what: string) => result.stderr.split(`124  ${what}: the time was up after ${time} s`).length - 1
    expect({ ended: lines('ended'), begun: lines('not begun') }).toEqual({ ended: 2, begun: 1 })
    await everywhere(/sleep 7102|docker-bash/, (id, line) => waitGone(id, line, 10_000))
  })
  test('after a signal that every command gets; those that heed it end by themselves', async () => {
    const script = ['-c', 'trap "echo heard; exit 0" TERM; sleep 7103 & wait']
    const running = start(['run', '--via', via, three.glob, ...script])
    await everywhere(/^sleep 7103$/, (id, line) => waitForProcess(id, line, 20_000))
    running.kill('SIGTERM')
    const result = await running.ended
    expect(result.code).toBe(143)
    expect(sorted(result)).toEqual(names(three).map((name) => `${name} | heard`))
    for (const { pid } of processes().filter(({ args }) => args[1] === '7103')) process.kill(pid, 'SIGKILL')
  })
  test('after a signal that they ignore, and at once after a second one', async () => {
    const running = start(['run', '--via', via, three.glob, ...stubborn(7104)])
    await everywhere(/^sleep 7104$/, (id, line) => waitForProcess(id, line, 20_000))
    running.kill('SIGINT')
    running.kill('SIGTERM')
    expect((await running.ended).code).toBeGreaterThan(128)
    await everywhere(/sleep 7104|docker-bash/, (id, line) => waitGone(id, line, 10_000))
  })
  test('after kill -9', async () => {
    const running = start(['run', '--via', via, three.glob, ...stubborn(7105)])
    await everywhere(/^sleep 7105$/, (id, line) => waitForProcess(id, line, 20_000))
    running.kill('SIGKILL')
    await running.ended
    await everywhere(/sleep 7105|docker-bash/, (id, line) => waitGone(id, line, 10_000))
  })
  test('after kill -9 at any moment of the start', async () => {
    const from = Date.now()
    await fleetRun('--via', via, three.glob, '--', 'true')
    const whole = Date.now() - from
    for (let moment = 1; moment <= 7; moment++) {
      const running = start(['run', '--via', via, three.glob, '--', 'sleep', '7106'])
      await new Promise((resolve) => setTimeout(resolve, (whole * moment) / 6))
      running.kill('SIGKILL')
      await running.ended
    }
    await everywhere(/7106|docker-bash/, (id, line) => waitGone(id, line, 10_000))
  })
})
