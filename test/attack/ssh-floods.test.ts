/** Before a session by SSH has begun: however much a login prints and however little, it is bounded and can be left. */
import { constants } from 'node:os'
import { run, start } from '../support/cli'
import { faultySshd } from '../support/faulty-sshd'
import { sshdContainer, testKey } from '../support/sshd'

const key = testKey()
const enter = (name: string) => ['--via', 'ssh', '-i', key.path, name, 'echo', 'in']

test.each(['out', 'err'] as const)('a server that floods std%s before anything is said', async (stream) => {
  const { name } = await faultySshd(stream)
  const { code, stderr, maxRssKb } = await run(enter(name), { memory: true })
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/more than 1 MiB came from/) })
  expect(maxRssKb).toBeLessThan(250_000)
})

test.each(['yes', 'yes >&2'])('a login shell that floods (%s)', async (flood) => {
  const { name } = await sshdContainer({ key, before: `echo '${flood}' >/root/.bashrc` })
  const { code, stderr } = await run(enter(name))
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/more than 1 MiB came from/) })
})

test('what a login prints within the bound does no harm: on stderr it is handed on', async () => {
  const { name } = await sshdContainer({ key, before: 'echo "seq 9999; echo warned >&2" >/root/.bashrc' })
  const { code, stdout, stderr } = await run(enter(name))
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: 'in\n', stderr: 'warned\n' })
})

test('a server that opens the channel and says nothing: given up after 20 s with words, and left by any signal', async () => {
  const silent = await faultySshd('silent')
  const from = performance.now()
  const patient = run(enter(silent.name), { timeoutMs: 60_000 })
  await silent.asked(1)
  let asked = 1
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const running = start(enter(silent.name))
    await silent.asked(++asked)
    const sent = performance.now()
    running.kill(signal)
    const { code, signal: by } = await running.ended
    expect(by ? 128 + constants.signals[by] : code).toBe(128 + constants.signals[signal])
    expect(performance.now() - sent).toBeLessThan(3000)
  }
  const { code, stderr } = await patient
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/nothing in \S+ answered for 20 s/) })
  expect(performance.now() - from).toBeLessThan(40_000)
})
