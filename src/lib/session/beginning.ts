import { DockerBashError } from '../errors'

/** How long (ms) what was started inside may take until it says that it is there. */
const patienceMs = 20_000

/**
 * Waits for a session to begin, in every transport: no longer than 20 s, and not once a signal has ended the wait. What
 * was started by then is the caller's to end.
 * @param word settles when what was started inside says that it is there
 * @param name the container's
 * @throws DockerBashError when nothing comes, saying so; the reason of `abort` as it is
 */
export async function begins<T>(word: Promise<T>, abort: AbortSignal, name: string, ms = patienceMs): Promise<T> {
  let stop = () => {}
  const end = new Promise<never>((_, reject) => {
    const late = setTimeout(() => reject(silence(name, ms)), ms)
    const aborted = () => reject(abort.reason)
    stop = () => {
      clearTimeout(late)
      abort.removeEventListener('abort', aborted)
    }
    if (abort.aborted) aborted()
    else abort.addEventListener('abort', aborted, { once: true })
  })
  try {
    return await Promise.race([word, end])
  } finally {
    stop()
    // It may still fail, and nobody waits for it any more.
    word.catch(() => undefined)
  }
}

function silence(name: string, ms: number): DockerBashError {
  return new DockerBashError(`nothing in ${name} answered for ${ms / 1000} s: the command did not begin`, {
    hint: `docker stats ${name} shows whether it is busy; docker-bash explain ${name} shows the other ways in`,
  })
}

/** Waits for what is cleared up, but not for long: what does not answer any more must not keep us. */
export async function shortly(work: Promise<unknown>, ms = 2000): Promise<void> {
  let late: NodeJS.Timeout | undefined
  const enough = new Promise((resolve) => {
    late = setTimeout(resolve, ms)
  })
  await Promise.race([work.catch(() => undefined), enough])
  clearTimeout(late)
}
