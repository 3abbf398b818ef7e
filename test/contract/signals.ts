import { constants } from 'node:os'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { until } from '../support/until'
import { check, type Inside } from './way'

const passed = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

export function signals(the: Inside): void {
  const { way } = the
  describe('signals', () => {
    for (const signal of passed) {
      const name = signal.slice(3)
      check(way, `${signal} reaches the command, which may handle it`, async () => {
        const script = `trap 'echo got ${name}; exit 7' ${name}; echo ready; while :; do sleep 0.1; done`
        const running = the.start(['sh', '-c', script])
        await running.said(/ready/)
        running.kill(signal)
        const { code, stdout } = await running.ended
        expect({ code, stdout: stdout.toString() }).toEqual({ code: 7, stdout: `ready\ngot ${name}\n` })
      })
    }
    check(way, 'a signal reaches the whole process group, and its default ends the command with 128 + n', async () => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        const running = the.start(['sh', '-c', 'echo ready >&2; sleep 7001 | sleep 7002'])
        await running.said(/ready/, 'stderr')
        running.kill(signal)
        expect((await running.ended).code).toBe(128 + constants.signals[signal])
        await waitGone(the.container.id, /^sleep 700[12]$/)
      }
    })
  })

  describe('nothing is left behind', () => {
    check(way, 'after kill -9 of docker-bash, whatever the command does with signals', async () => {
      const running = the.start(['sh', '-c', 'trap "" HUP TERM INT; echo ready; sleep 7003; sleep 7004'])
      await running.said(/ready/)
      running.kill('SIGKILL')
      await waitGone(the.container.id, /sleep 700[34]/)
    })
    check(way, 'after kill -9 at any moment of the start', async () => {
      const before = (await processesOf(the.container.id)).length
      const from = Date.now()
      await the.run(['true'])
      const whole = Date.now() - from
      const moments = way.brief ? 6 : 16
      for (let moment = 1; moment <= moments; moment++) {
        const running = the.start(['sleep', '7005'])
        await new Promise((resolve) => setTimeout(resolve, (whole * moment * 16) / moments / 14))
        running.kill('SIGKILL')
        await running.ended
      }
      await waitGone(the.container.id, /7005/, 2500)
      await waitGone(the.container.id, /docker-bash/, 2500)
      // What carried them (sshd's own processes) goes a moment later.
      const left = async () => (await processesOf(the.container.id)).map(({ line }) => line)
      await until(
        async () => (await left()).length === before,
        2500,
        async () => (await left()).join('\n'),
      )
    })
    check(way, 'after an ordinary end, but for what the command left running itself', async () => {
      const { code } = await the.run(['sh', '-c', 'sleep 7006 >/dev/null 2>&1 </dev/null & exit 0'])
      expect(code).toBe(0)
      await waitGone(the.container.id, /docker-bash/)
      const left = await waitForProcess(the.container.id, /^sleep 7006$/)
      process.kill(left.pid, 'SIGKILL')
    })
  })
}
