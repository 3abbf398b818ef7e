/**
 * What this run turned out to be, as soon as it is known: the command, then the transport. Code that was compiled for
 * it is then worth keeping (src/entry/code-cache.ts).
 */
export const ran: string[] = []
