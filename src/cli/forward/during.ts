import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { DockerBashError } from '../../lib/errors'
import { exitCodeOf } from '../../lib/session/ending'

/**
 * Runs a command of this host's with our own streams.
 * @param abort ends it
 * @returns its exit code, 128 and the number of its signal
 */
export function during([program = '', ...words]: readonly string[], abort: AbortSignal): Promise<number> {
  return new Promise((settle, reject) => {
    const child = spawn(program, words, { stdio: 'inherit' })
    // A terminal sends them to both of us, and the command decides; what is sent to us alone is handed on.
    const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const
    const hear = (name: NodeJS.Signals) => void ((name === 'SIGTERM' || name === 'SIGHUP') && child.kill(name))
    for (const name of signals) process.on(name, hear)
    const end = () => void child.kill('SIGTERM')
    abort.addEventListener('abort', end, { once: true })
    child.once('error', (cause) => {
      const isMissing = 'code' in cause && cause.code === 'ENOENT'
      reject(
        new DockerBashError(
          `${program} cannot be run here: ${isMissing ? 'there is no such command' : cause.message}`,
          {
            hint: 'behind -- stands a command of this host’s',
            code: isMissing ? 127 : 126,
            cause,
          },
        ),
      )
    })
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, hear)
      abort.removeEventListener('abort', end)
      settle(exitCodeOf(signal ? { signal } : { code: code ?? 128 + constants.signals.SIGKILL }))
    })
  })
}
