/** What runs inside may call itself what it likes: it gets its signals, and it ends. */
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { waitGone } from '../support/processes'

let box: Container
beforeAll(async () => {
  box = await container({ image: 'busybox' })
})

/** A shell that takes a runtime's name and stays, whatever signals it gets. */
const called = (name: string, mark: string) => [
  ...['sh', '-c'],
  `printf '${name}' >/proc/self/comm; trap 'echo got; exit 3' USR1; trap '' HUP TERM; : ${mark}
  echo ready; while :; do sleep 0.1; done`,
]
const names = ['runc', 'crun', 'runc:[2:INIT]']

describe.each(names)('a command called %s', (name) => {
  test('gets its signals', async () => {
    const running = start(['--via', 'runc', box.name, ...called(name, '7801')])
    await running.said(/ready/)
    running.kill('SIGUSR1')
    const { code, stdout } = await running.ended
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: 'ready\ngot\n' })
  })

  test('ends when docker-bash is killed', async () => {
    const running = start(['--via', 'runc', box.name, ...called(name, '7802')])
    await running.said(/ready/)
    running.kill('SIGKILL')
    await waitGone(box.id, /7802/, 10_000)
  })

  test('ends when the time of a fleet is over', async () => {
    const { stderr } = await run(['run', '--timeout', '2s', box.name, '--', ...called(name, '7803')])
    expect(stderr).toMatch(/after 2/)
    await waitGone(box.id, /7803/, 1_000)
  })
})
