import type { Target } from '../../model'

/** What a Go runtime that starts a command inside may need for a moment, its threads counted. */
const threads = 7

/** Whether the container's limit of processes leaves no room for the runtime, whoever starts it. */
export function isTight({ onHost }: Target): boolean {
  return onHost?.room !== undefined && onHost.room < threads
}

export const tight = 'its limit of processes leaves no room for the threads of the runtime'
