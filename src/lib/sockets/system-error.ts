import { constants } from 'node:os'

/** What Node would have thrown, had it made the call itself. */
export function systemError(call: string, number: number): NodeJS.ErrnoException {
  const code = Object.entries(constants.errno).find(([, one]) => one === number)?.[0] ?? `errno ${number}`
  return Object.assign(new Error(`${call} ${code}`), { code, errno: -number, syscall: call })
}
