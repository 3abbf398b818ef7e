import { globOf } from '../../fleet/glob'
import { everything, type Permits, type Place } from '../permits'
import { type Pattern, patternsOf } from './from'
import { LineRefused } from './refused'

/** What a line says of its key: who may use it, from where, until when, and for what. */
export interface Options {
  readonly permits: Permits
  /** Absent: from everywhere. */
  readonly from?: readonly Pattern[]
  /** In milliseconds since 1970. */
  readonly until?: number
}

type Draft = { -readonly [K in keyof Permits]: Permits[K] }

/**
 * The options in front of a key, as sshd(8) has them. What is not understood, or not supported, is no line at all: to
 * pass over an option would let in who it keeps out.
 * @throws LineRefused
 */
export function readOptions(text: string): Options {
  let permits: Draft = { ...everything }
  let from: readonly Pattern[] | undefined
  let until: number | undefined
  for (const { name, value } of split(text)) {
    const set = value === undefined ? switches.get(name) : undefined
    if (set) permits = { ...permits, ...set }
    else if (value === undefined || !withValue.has(name)) throw new LineRefused(whyNot(name))
    else if (name === 'command') {
      if (permits.forced !== undefined) throw new LineRefused('it has two commands')
      permits.forced = forcedBy(value)
    } else if (name === 'from') {
      if (from) throw new LineRefused('it has from= twice')
      from = patternsOf(value)
    } else if (name === 'expiry-time') until = Math.min(until ?? Number.POSITIVE_INFINITY, timeOf(value))
    else if (name === 'permitopen') permits.connect = [...(permits.connect ?? []), opened(value)]
    else permits.listen = [...(permits.listen ?? []), listened(value)]
  }
  return { permits, ...(from && { from }), ...(until !== undefined && { until }) }
}

const nothing = { terminal: false, agent: false, forwards: false } as const

/** In the order in which they are written, each over those before it. */
const switches = new Map<string, Partial<Permits>>([
  ['restrict', nothing],
  ...onOff('pty', 'terminal'),
  ...onOff('agent-forwarding', 'agent'),
  ...onOff('port-forwarding', 'forwards'),
  // There is neither X11 nor a file of the user's that is run.
  ...onOff('x11-forwarding'),
  ...onOff('user-rc'),
])

function onOff(name: string, what?: keyof typeof nothing): [string, Partial<Permits>][] {
  return [
    [name, what ? { [what]: true } : {}],
    [`no-${name}`, what ? { [what]: false } : {}],
  ]
}

const withValue = new Set(['command', 'from', 'expiry-time', 'permitopen', 'permitlisten'])

function whyNot(name: string): string {
  const isKnown = switches.has(name) || withValue.has(name)
  return isKnown ? `the option ${name} is not written as sshd has it` : `the option ${name} is not supported`
}

/** At the commas outside quotes; names in small letters, as sshd compares them. */
function split(text: string): { name: string; value?: string }[] {
  const options: { name: string; value?: string }[] = []
  for (let rest = text; rest !== ''; ) {
    const found = /^([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\"|\\(?!"))*)")?(,(?=.)|$)/s.exec(rest)
    if (!found) throw new LineRefused('its options cannot be read')
    const [all, name = '', value] = found
    options.push({
      name: name.toLowerCase(),
      ...(value !== undefined && { value: value.replaceAll('\\"', '"') }),
    })
    rest = rest.slice(all.length)
  }
  return options
}

function forcedBy(value: string): NonNullable<Permits['forced']> {
  const [program = '', ...more] = value.split(/[ \t]/)
  if (program !== 'internal-sftp') return value
  if (more.join('') === '') return { files: true }
  throw new LineRefused('internal-sftp has no arguments here')
}

/** `YYYYMMDD[HHMM[SS]]`, in this machine's time, or with a Z or UTC behind it in that. */
function timeOf(value: string): number {
  const found = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i.exec(value)
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = found ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone ? 'Z' : ''}`)
  // To Date it is the next midnight.
  if (Number.isNaN(time) || hour === '24') throw new LineRefused(`its time ${value} cannot be read`)
  return time
}

/** A host as it will be asked for, letter by letter; `*` is any, for either part. */
function opened(value: string): Place {
  const { host = '', port } = parts(value)
  if (host === '') throw new LineRefused(`permitopen ${value} has no host`)
  return { ...(host !== '*' && { host }), ...port }
}

/** A port, and perhaps a host in front of it, which may have `*` and `?`. */
function listened(value: string): Place {
  const { host, port } = parts(value)
  return { ...(host !== undefined && host !== '*' && { host: globOf(host) }), ...port }
}

function parts(value: string): { host?: string; port: { port?: number } } {
  const found = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\*|\d{1,5})$/.exec(value)
  const number = found?.[3] ?? ''
  // 0 would be any that is free.
  if (!found || number === '' || Number(number) === 0 || Number(number) > 65535)
    throw new LineRefused(`the place ${value} cannot be read`)
  const host = found[1] ?? found[2]
  return { ...(host !== undefined && { host }), port: number === '*' ? {} : { port: Number(number) } }
}
