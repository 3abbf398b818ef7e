import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { monotonic } from '../clock'
import type { Engine } from '../engine/engine'
import { openSocket } from '../engine/in-place'
import { errno, messageOf } from '../errors'
import type { Published, Road, Target } from '../model'
import type { PinnedHost } from './known-hosts'
import { Carrier, carried } from './sshd-over-exec'

export type Link = Socket | Carrier

/** A road with a server at its end that has said its first line (which is still there to be read). */
export interface OpenRoad {
  readonly road: Road
  /** Keeps nobody's process alive until it is used (`ref`): the verdict may be for another way. */
  readonly stream: Link
  /** Milliseconds until it was connected, and until the server's first line. */
  readonly took: { readonly connect: number; readonly banner: number }
}

/** A neighbour answers in no time; a server under load may take long for its first line. */
const connectMs = 2_000
const bannerMs = 4_000
/** The last road: there is none to turn to. */
const lastBannerMs = 15_000

/**
 * Tries the roads to a container's server in order: its own address, a published port, `sshd -i` over an exec.
 * @returns the first that leads to one, and what became of those before it
 */
export async function tryRoads(
  engine: Engine,
  target: Target,
  host: PinnedHost,
): Promise<{ tried: Road[]; open?: OpenRoad }> {
  const tried: Road[] = []
  for (const { name, where, refusal, open } of waysTo(engine, target, host)) {
    if (!open) {
      tried.push({ name, where, refusal: refusal ?? '' })
      continue
    }
    const from = monotonic()
    let stream: Link | undefined
    try {
      stream = await open()
      const connected = monotonic()
      await banner(stream, name === 'exec' ? lastBannerMs : bannerMs)
      const road = { name, where }
      stream.unref()
      const took = { connect: connected - from, banner: monotonic() - connected }
      return { tried: [...tried, road], open: { road, stream, took } }
    } catch (error) {
      const said = stream instanceof Carrier ? stream.log : ''
      stream?.destroy()
      tried.push({ name, where, refusal: said || whyNot(error) })
    }
  }
  return { tried }
}

/** `open` is absent for one that need not be tried. */
type Way = Road & { open?(): Promise<Link> }

function waysTo(engine: Engine, target: Target, host: PinnedHost): Way[] {
  const { port } = host
  return [
    ...byAddress(engine, target, port),
    ...byPublished(engine, target.published, port),
    { name: 'exec', where: `${host.program} -i`, open: () => carried(engine, target.id, host.program, port) },
  ]
}

function byAddress(engine: Engine, target: Target, port: number): Way[] {
  const name = 'address'
  if (!engine.local) return [{ name, where: '', refusal: engine.foreign ?? 'the engine is on another machine' }]
  const addresses = target.addresses.flatMap(({ ipv4, ipv6 }) => ipv4 ?? ipv6 ?? [])
  if (addresses.length === 0) return [{ name, where: '', refusal: 'it has no address' }]
  return addresses.map((address) => ({ name, where: text(address, port), open: () => dial(address, port) }))
}

function byPublished(engine: Engine, published: readonly Published[], port: number): Way[] {
  const name = 'published'
  const [first] = published.filter((one) => one.port === port)
  if (!first) return [{ name, where: '', refusal: `port ${port} is not published` }]
  const host = publishedHost(engine, first.hostAddress)
  return [{ name, where: text(host, first.hostPort), open: () => dial(host, first.hostPort) }]
}

/** Where the engine's host is, seen from here. */
function publishedHost({ endpoint }: Engine, address: string): string {
  if (address !== '0.0.0.0' && address !== '::') return address
  if (endpoint.kind === 'tcp') return endpoint.hostname
  if (endpoint.kind === 'ssh') return new URL(endpoint.host).hostname
  return address === '::' ? '::1' : '127.0.0.1'
}

async function dial(host: string, port: number): Promise<Link> {
  const socket = openSocket({ host, port, noDelay: true })
  const late = setTimeout(() => socket.destroy(new Error(`no answer in ${connectMs / 1000} s`)), connectMs)
  try {
    await once(socket, 'connect')
  } finally {
    clearTimeout(late)
  }
  return socket
}

/** Waits for the server's first line and puts it back. */
async function banner(stream: Duplex, waitMs: number): Promise<void> {
  const abort = new AbortController()
  const late = setTimeout(() => abort.abort(new Error(`it accepts, then says nothing for ${waitMs / 1000} s`)), waitMs)
  const over = new Error('it hangs up at once')
  const gone = () => abort.abort(over)
  stream.once('end', gone)
  stream.once('close', gone)
  try {
    const [first] = (await once(stream, 'data', { signal: abort.signal })) as [Buffer]
    stream.pause()
    stream.unshift(first)
    if (!first.toString('latin1', 0, 4).startsWith('SSH-')) throw new Error('what answers there is not an SSH server')
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error
  } finally {
    clearTimeout(late)
    stream.off('end', gone)
    stream.off('close', gone)
  }
}

function whyNot(error: unknown): string {
  switch (errno(error)) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to it'
    case 'ECONNRESET':
      return 'it hangs up at once'
    default:
      return messageOf(error)
  }
}

function text(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
