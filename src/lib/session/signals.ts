/** Signals that are the command's business rather than ours. SIGWINCH is not one: it is a new size. */
export const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

const held: NodeJS.Signals[] = []
const hold = (name: NodeJS.Signals) => void held.push(name)

/**
 * From here on a signal waits for the session instead of ending us: called just before a command is started that has
 * our own descriptors, because it may be heard from before we are told that it runs.
 */
export function holdSignals(): void {
  for (const name of forwarded) if (!process.listeners(name).includes(hold)) process.on(name, hold)
}

/**
 * Hands every signal to `take`, first those that were held.
 * @returns the function that stops it
 */
export function forwardSignals(take: (name: NodeJS.Signals) => void): () => void {
  for (const name of forwarded) process.on(name, take).off(name, hold)
  for (const name of held.splice(0)) take(name)
  return () => {
    for (const name of forwarded) process.off(name, take)
  }
}
