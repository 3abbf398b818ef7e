import { setMaxListeners } from 'node:events'
import type { Server, Socket } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { monotonic } from '../clock'
import { messageOf } from '../errors'
import { fingerprint } from '../ssh/fingerprint'
import { plainAddress } from './address'
import { type Audit, type Begin, channelsOf, Scarce } from './audit'
import type { Entry } from './authorized/file'
import type { Ends, Guest } from './guest'
import { KeyDoor } from './key-door'
import { type Bounds, Limits, type Seat } from './limits'
import { serve } from './serve'

export interface Gate {
  readonly hostKey: string
  readonly bounds: Bounds
  /** In milliseconds; see ServeOptions. */
  readonly idleMs?: number
  /** In milliseconds, to log in; 30 s, a quarter of sshd's LoginGraceTime. */
  readonly graceMs?: number
  /** @throws DockerBashError */
  entries(): readonly Entry[]
  /** Whom a name means, for who has shown a key. @throws DockerBashError */
  enter(name: string, entry: Entry, client: Client): Promise<Guest>
  readonly audit: Audit
}

/** Who it is that comes in, for what is told of it and for what it is told. */
export interface Client {
  readonly begin: Begin
  readonly tell: (text: string) => void
  /** Absent where there are none: by a Unix socket. */
  readonly ends: Ends | undefined
}

/** In milliseconds: for what is to be ended with us. */
const patienceMs = 10_000

/**
 * Serves everybody who connects, each in a container of its own, until `abort` ends them all.
 * @returns once nothing of what was begun is left
 */
export async function serveAll(servers: readonly Server[], gate: Gate, abort: AbortSignal): Promise<void> {
  // A listener for each connection is no leak.
  setMaxListeners(0, abort)
  const limits = new Limits(gate.bounds)
  const scarce = new Scarce(gate.audit, 10)
  const here = new Set<Promise<void>>()
  let count = 0
  const arrive = (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress)
    const from = socket.remotePort === undefined ? address : `${address} ${socket.remotePort}`
    // Whatever it is, its end says so.
    socket.on('error', () => undefined)
    if (!limits.mayArrive(address)) {
      scarce.tell({ event: 'refused', from, why: 'too many connections a minute' })
      socket.destroy()
      return
    }
    const seat = limits.enter(address, () => {
      scarce.tell({ event: 'refused', from, why: 'too many wait to log in' })
      socket.destroy()
    })
    if (!seat || abort.aborted) {
      scarce.tell({ event: 'refused', from, why: 'too many connections' })
      socket.destroy()
      return
    }
    const served = serveOne(socket, { number: ++count, address, from, limits, seat, scarce }, gate, abort)
      // An error of one of them is that one's.
      .catch((error: unknown) => gate.audit({ event: 'note', from, text: `unexpected error: ${messageOf(error)}` }))
      .finally(() => {
        seat.leave()
        socket.destroy()
        here.delete(served)
      })
    here.add(served)
  }
  for (const server of servers) server.on('connection', arrive)
  await new Promise<void>((settle) => {
    abort.addEventListener('abort', () => settle(), { once: true })
    if (abort.aborted) settle()
  })
  for (const server of servers) server.close()
  await Promise.race([Promise.allSettled(here), later(patienceMs, undefined, { ref: false })])
}

interface Arrival {
  readonly number: number
  readonly address: string
  readonly from: string
  readonly limits: Limits
  readonly seat: Seat
  readonly scarce: Scarce
}

async function serveOne(
  socket: Socket,
  { number, address, from, limits, seat, scarce }: Arrival,
  { hostKey, idleMs, graceMs = 30_000, entries, enter, audit: tellAll }: Gate,
  abort: AbortSignal,
): Promise<void> {
  const audit: Audit = (told) => tellAll({ ...told, connection: number, from })
  const since = monotonic()
  const door = new KeyDoor({
    address,
    entries: () => {
      seat.renew()
      return entries()
    },
    mayFail: () => limits.mayFail(address),
    hasNotFailed: () => limits.hasNotFailed(address),
    enter: async (name, entry) => {
      seat.claim(fingerprint(entry.key.blob))
      const tell = (text: string) => audit({ event: 'note', text })
      const guest = await enter(name, entry, { begin: channelsOf(audit, {}), tell, ends: endsOf(socket) })
      clearTimeout(grace)
      seat.settle()
      return guest
    },
    audit,
    scarcely: (told) => scarce.tell({ ...told, connection: number, from }),
  })
  const grace = setTimeout(() => socket.destroy(), graceMs)
  const guest = () => {
    if (!door.guest) throw new Error('nobody is in')
    return door.guest
  }
  socket.setNoDelay(true)
  try {
    await serve(socket, { hostKey, door, guest, ...(idleMs !== undefined && { idleMs }) }, abort)
  } finally {
    clearTimeout(grace)
    door.end()
    if (door.guest) audit({ event: 'left', ...door.guest.where, ms: Math.round(monotonic() - since) })
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends | undefined {
  if (remotePort === undefined || localPort === undefined) return undefined
  const [from, to] = [remoteAddress, localAddress].map(plainAddress)
  return { client: `${from} ${remotePort}`, server: `${to} ${localPort}` }
}
