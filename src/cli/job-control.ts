import { DockerBashError } from '../lib/errors'
import { readStat } from '../lib/host/proc'
import type { Session } from '../lib/model'

/** How often, and how far apart (ms), a job asks for the terminal whose shell does not stop it. */
const tries = 100
const apart = 20

/**
 * Waits until we are in front at our terminal, stopped meanwhile as the kernel stops a job in the background that wants
 * it: what runs inside has a terminal of its own, and its program is in another session than ours.
 * @throws DockerBashError where nothing stops us, because no shell looks after the job
 */
export async function inForeground(): Promise<void> {
  for (let count = 0; !isInForeground(); count++) {
    if (count === tries) {
      throw new DockerBashError('docker-bash is in the background, and wants its terminal', {
        hint: 'fg brings it to the front; with -T it wants none',
      })
    }
    process.kill(0, 'SIGTTOU')
    await new Promise((go) => setTimeout(go, apart))
  }
}

function isInForeground(): boolean {
  const stat = readStat(process.pid)
  return !stat || stat.foreground <= 0 || stat.foreground === stat.group
}

/**
 * Without a terminal inside, ctrl-z stops us and nobody else, since what runs inside is in another session: so it is
 * stopped and continued with us.
 * @returns the function that ends it
 */
export function stopsTogether(session: Session): () => void {
  const stop = async () => {
    await session.signal?.('SIGSTOP')
    // What was written is out by then.
    setImmediate(() => process.kill(process.pid, 'SIGSTOP'))
  }
  const go = () => void session.signal?.('SIGCONT')
  process.on('SIGTSTP', stop)
  process.on('SIGCONT', go)
  return () => {
    process.off('SIGTSTP', stop)
    process.off('SIGCONT', go)
  }
}
