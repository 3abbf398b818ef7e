import { listenersIn } from '../host/listeners'
import { readProc } from '../host/proc'
import type { End } from './spec'

/** Whom a connection to such a host reaches: addresses as /proc/net/tcp and tcp6 have them, on a little-endian machine. */
const any4 = '00000000'
const any6 = '0'.repeat(32)
const loopback4 = ['0100007F', any4, '0000000000000000FFFF00000100007F', any6]
const loopback6 = [`${'0'.repeat(24)}01000000`, any6]

const reaching: Readonly<Record<string, readonly string[]>> = {
  '127.0.0.1': loopback4,
  '::1': loopback6,
  localhost: [...loopback4, ...loopback6],
}

/**
 * Whether somebody listens at a loopback address of a process's network, by the kernel's table: the listener hears
 * nothing of the look.
 * @returns undefined for another address, and where the table cannot be read
 */
export function isListened(pid: number, { kind, ...end }: End): boolean | undefined {
  if (!('port' in end)) return undefined
  const addresses = reaching[end.host]
  const tables = [readProc(pid, 'net/tcp'), readProc(pid, 'net/tcp6')]
  if (!addresses || tables[0] === undefined) return undefined
  return tables.some((table) =>
    listenersIn(table ?? '').some(({ address, port }) => port === end.port && addresses.includes(address)),
  )
}
