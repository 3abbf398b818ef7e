import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Does something that a signal ends in order: the first one aborts it, and it may clear up; a second ends us at once.
 * @returns 0, or 128 and the signal's number when the work gave up for it
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const abort = new AbortController()
  const heard = (name: NodeJS.Signals) => {
    forget()
    abort.abort(name)
  }
  const forget = () => {
    for (const name of signals) process.off(name, heard)
  }
  for (const name of signals) process.on(name, heard)
  try {
    await work(abort.signal)
    return 0
  } catch (error) {
    const { reason } = abort.signal
    if (!abort.signal.aborted || error !== reason) throw error
    return 128 + constants.signals[reason as NodeJS.Signals]
  } finally {
    forget()
  }
}
