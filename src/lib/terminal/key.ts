import { once } from 'node:events'
import { read, readSync } from 'node:fs'
import { stty } from './stty'

const ends = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const

/**
 * One key from our terminal, without Enter; undefined at its end. What was typed before the question is not an answer to it,
 * and is for nobody. The terminal is put back at once; a signal, ctrl-c's too, ends us only then.
 * @param ask puts the question: from then on a key is an answer
 */
export async function oneKey(ask: () => void): Promise<string | undefined> {
  const ended = new AbortController()
  const end = (signal: NodeJS.Signals) => ended.abort(signal)
  const saved = stty('-g')
  for (const signal of ends) process.on(signal, end)
  try {
    // Without an stty it takes Enter.
    if (saved !== undefined) {
      // ctrl-z is a key like any other: a shell would be left with a terminal that shows nothing.
      stty('-icanon', '-echo', 'susp', 'undef', 'min', '0', 'time', '0')
      discard()
      stty('min', '1')
    }
    ask()
    return await Promise.race([nextByte(), once(ended.signal, 'abort').then(() => undefined)])
  } finally {
    if (saved !== undefined) stty(saved)
    for (const signal of ends) process.off(signal, end)
    if (ended.signal.aborted) process.kill(process.pid, ended.signal.reason)
  }
}

function discard(): void {
  const scrap = Buffer.alloc(4096)
  try {
    while (readSync(0, scrap) > 0);
  } catch {
    // Nothing there, on a terminal that somebody made non-blocking; or no terminal any more, which the next read tells.
  }
}

function nextByte(): Promise<string | undefined> {
  return new Promise((settle) => {
    read(0, Buffer.alloc(1), 0, 1, null, (_, count, bytes) =>
      settle(count === 1 ? bytes.toString('latin1') : undefined),
    )
  })
}
