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
  const tables = [readProc(pid, 'net/tcp'), readProc(pid, 'net/tcp6')]
  if (tables[0] === undefined) return undefined
  const there = tables.flatMap((table) => listenersIn(table ?? '')).filter(({ port }) => port === end.port)
  return isReached(
    end.host,
    there.map(({ address }) => address),
  )
}

/**
 * Whether a connection to a host of it reaches one of those who listen.
 * @param addresses as the kernel's table has them
 * @returns undefined for a host of which the table does not say that
 */
export function isReached(host: string, addresses: readonly string[]): boolean | undefined {
  return reaching[host]?.some((one) => addresses.includes(one))
}
