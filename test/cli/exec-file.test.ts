/** A large file as an exec's input: the kernel moves it, for a child of ours, and whatever becomes of that child the bytes are the same. */
import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { type RunOptions, run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { scratch } from '../support/engine'
import { waitForProcess, waitGone } from '../support/processes'
import { engineAtPort } from '../support/tcp-engine'
import { until } from '../support/until'

const port = 23751
engineAtPort(port)

const size = 64 * 1024 * 1024
const bytes = randomFillSync(Buffer.allocUnsafe(size))
const digest = createHash('sha256').update(bytes).digest('hex')
const file = join(scratch('file'), 'large')
let target: Container

beforeAll(async () => {
  writeFileSync(file, bytes)
  target = await container({ image: 'busybox' })
})

/** `docker-bash --via exec … sh -c SCRIPT <file`, alive. */
function sending(script: string, options: RunOptions = {}) {
  const input = openSync(file, 'r')
  try {
    return start(['--via', 'exec', target.name, 'sh', '-c', script], { ...options, input })
  } finally {
    closeSync(input)
  }
}

const senders = (pid: number) => processes().filter(({ ppid, args }) => ppid === pid && args[1] === '-e')
const sender = (pid: number) =>
  until(
    () => senders(pid)[0]?.pid,
    10_000,
    () => 'nobody sends the file',
  )
const position = (pid: number) => Number(/^pos:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/0`, 'utf8'))?.[1])
const waiting = (then: string) => `until [ -e /tmp/go ]; do sleep 0.05; done; rm /tmp/go; ${then}`
const go = () => run(['--via', 'exec', target.name, 'touch', '/tmp/go'])

test('it is moved while docker-bash stands still', async () => {
  const running = sending(waiting('sha256sum'))
  await sender(running.pid)
  running.kill('SIGSTOP')
  await go()
  await until(
    () => position(running.pid) === size,
    10_000,
    () => `${position(running.pid)} of ${size}`,
  )
  running.kill('SIGCONT')
  const { code, stdout } = await running.ended
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: `${digest}  -\n` })
})

test('it begins and ends where the file is read, for whoever shares it', async () => {
  const line = `{ dd bs=1M count=1 status=none | sha256sum; docker-bash --via exec ${target.name} sha256sum; sha256sum; } <${file}`
  const { stdout } = await shell(line)
  const [first, rest] = [bytes.subarray(0, 1024 * 1024), bytes.subarray(1024 * 1024)]
  const sums = [first, rest, ''].map((part) => `${createHash('sha256').update(part).digest('hex')}  -\n`)
  expect(stdout.toString()).toBe(sums.join(''))
})

test('over TCP as well', async () => {
  const running = sending(waiting('sha256sum'), { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } })
  await sender(running.pid)
  await go()
  expect((await running.ended).stdout.toString()).toBe(`${digest}  -\n`)
})

test('when who sends it is killed half way, docker-bash goes on from there', async () => {
  const running = sending(waiting('sha256sum'))
  const pid = await sender(running.pid)
  await until(
    () => position(running.pid) > 0,
    10_000,
    () => 'nothing was sent',
  )
  process.kill(pid, 'SIGKILL')
  await go()
  const { code, stdout } = await running.ended
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: `${digest}  -\n` })
})

test('without a perl docker-bash does it itself', async () => {
  const hidden = 'mount --bind /dev/null /usr/bin/perl && exec "$@"'
  const running = sending(waiting('sha256sum'), { under: ['unshare', '--mount', 'sh', '-c', hidden, 'sh'] })
  await waitForProcess(target.id, /tmp.go/, 10_000)
  await go()
  const { code, stdout, stderr } = await running.ended
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: `${digest}  -\n`, stderr: '' })
})

test('a command that takes a part of it ends with its own code, and nobody sends any more', async () => {
  const running = sending(waiting('head -c 5 >/dev/null; exit 3'))
  const pid = await sender(running.pid)
  await go()
  expect((await running.ended).code).toBe(3)
  expect(processes().filter((one) => one.pid === pid && one.state !== 'Z')).toEqual([])
})

test('ctrl-c ends the command, not who sends; a kill of docker-bash ends both', async () => {
  const running = sending('trap "echo heard" INT; sleep 7802; exec sleep 7803')
  const pid = await sender(running.pid)
  await waitForProcess(target.id, /^sleep 7802$/)
  process.kill(pid, 'SIGINT')
  running.kill('SIGINT')
  await running.said(/heard/)
  await waitForProcess(target.id, /^sleep 7803$/)
  expect(senders(running.pid).map((one) => one.pid)).toEqual([pid])
  running.kill('SIGKILL')
  await running.ended
  await until(
    () => !processes().some((one) => one.pid === pid && one.state !== 'Z'),
    5_000,
    () => 'it still sends',
  )
  await waitGone(target.id, /780[23]/, 10_000)
})
