import { isIP } from 'node:net'
import { DockerBashError } from '../errors'

/** An end of a forward, as it was typed. */
export type End =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** `@NAME` is an abstract one. */
  | { readonly kind: 'unix'; readonly path: string }

/** Where to listen, and what is reached by it. */
export interface Forward {
  readonly from: End
  readonly to: End
  /** Datagrams and not connections; both ends are `tcp` ones then, which say where and nothing more. */
  readonly udp?: boolean
}

const loopback = '127.0.0.1'

/**
 * Reads `[[BIND:]PORT:][HOST:]PORT`, with a path for either end: OpenSSH's grammar, in which the end that listens comes
 * first. A port by itself is the same one on both sides; an empty one, or 0, is any that is free. `udp:` in front means
 * datagrams.
 * @param udp means them without that
 * @throws DockerBashError when it is none
 */
export function parseForward(text: string, udp = false): Forward {
  const [, kind, rest = ''] = /^(?:(udp|tcp):)?(.*)$/s.exec(text) ?? []
  if (kind === 'tcp' || (!udp && !kind)) return parseEnds(rest)
  const forward = parseEnds(rest)
  if (forward.from.kind === 'unix' || forward.to.kind === 'unix') {
    throw new DockerBashError(`invalid forward ${JSON.stringify(text)}: UDP has ports, and no paths`, {
      hint: 'a Unix socket is forwarded without udp: and --udp',
    })
  }
  return { ...forward, udp: true }
}

function parseEnds(text: string): Forward {
  const parts = split(text)
  const fail = () =>
    new DockerBashError(`invalid forward ${JSON.stringify(text)}`, {
      hint: 'write PORT, PORT:PORT or PORT:HOST:PORT, with an address to listen at in front, or a path for either end',
    })
  if (!parts || parts.length === 0 || parts.length > 4) throw fail()
  const [first = '', ...rest] = parts
  if (rest.length === 0) {
    const only = isPath(first) ? undefined : port(first)
    if (!only) throw fail()
    return { from: { kind: 'tcp', host: loopback, port: only }, to: { kind: 'tcp', host: loopback, port: only } }
  }
  const last = rest.pop() ?? ''
  // Before the last: [BIND:]PORT[:HOST], or a path.
  const front = [first, ...rest]
  const toPath = isPath(last)
  const isBound = !toPath && front.length === 2 && !isPath(first) && !isListened(first)
  const host = !toPath && front.length > 1 && !isBound ? front.pop() : undefined
  const from = endAt(front)
  const to: End | undefined = toPath
    ? { kind: 'unix', path: last }
    : port(last) === undefined || port(last) === 0 || host === ''
      ? undefined
      : { kind: 'tcp', host: host ?? loopback, port: port(last) ?? 0 }
  if (!from || !to) throw fail()
  return { from, to }
}

/** Reads `[BIND:]PORT`. @throws DockerBashError */
export function parseListener(text: string): End {
  const end = text === '' ? undefined : endAt(split(text) ?? [])
  if (end?.kind !== 'tcp') {
    throw new DockerBashError(`invalid port ${JSON.stringify(text)} to listen at`, {
      hint: 'write PORT or ADDRESS:PORT',
    })
  }
  return end
}

/** `127.0.0.1:53/udp`, or as `show` */
export function showOf({ udp }: Forward, end: End): string {
  return udp ? `${show(end)}/udp` : show(end)
}

/** `127.0.0.1:80`, `[::1]:80`, a path */
export function show(end: End): string {
  if (end.kind === 'unix') return end.path
  return `${isIP(end.host) === 6 ? `[${end.host}]` : end.host}:${end.port}`
}

function endAt(parts: readonly string[]): End | undefined {
  const [first = '', second] = parts
  if (parts.length === 1 && isPath(first)) return { kind: 'unix', path: first }
  const [host, number] = second === undefined ? [loopback, first] : [first === '*' ? '0.0.0.0' : first, second]
  const found = number === '' ? 0 : port(number)
  return parts.length === 0 || parts.length > 2 || found === undefined || host === ''
    ? undefined
    : { kind: 'tcp', host, port: found }
}

const isListened = (text: string) => text === '' || /^\d+$/.test(text)
const isPath = (text: string) => /^[/@.]/.test(text) && !/^\.+$/.test(text)

function port(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined
}

/** At each colon that is not in brackets; undefined where those do not fit. */
function split(text: string): string[] | undefined {
  const parts: string[] = []
  for (let rest = text; ; ) {
    const found = /^(?:\[([0-9A-Fa-f:.%\w]*)\]|([^:[\]]*))(:|$)/.exec(rest)
    if (!found) return undefined
    parts.push(found[1] ?? found[2] ?? '')
    if (found[3] === '') return parts
    rest = rest.slice(found[0].length)
  }
}
