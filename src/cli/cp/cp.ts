import { isatty } from 'node:tty'
import { lookAtSource, type Source } from '../../lib/copy/landing'
import { type CopyOptions, Tally } from '../../lib/copy/tally'
import { type CopyWords, type Place, parseCopy, parseMode } from '../../lib/copy/words'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { keepYoungSpaceSmall } from '../../lib/host/small-young-space'
import { typedBytes } from '../../lib/terminal/words'
import { untilSignal } from '../abort-on-signal'
import { say } from '../output/errors'
import { type End, hereEnd, type InsideFlags, ownUser, type Reached, reach, Servers } from './ends'
import { intoEach, manyOf } from './many'
import { expanded } from './patterns'
import { Teller } from './tell'
import { type Job, transfer } from './transfer'

export interface CopyFlags extends InsideFlags {
  readonly 'follow-link': boolean
  readonly 'no-clobber': boolean
  readonly chown?: string | undefined
  readonly chmod?: string | undefined
  readonly 'from-host'?: string | undefined
  readonly 'from-context'?: string | undefined
  readonly json: boolean
  readonly verbose: boolean
}

/**
 * Copies into, out of and between containers; into each that a selector means.
 * @returns 0, or 1 when some could not be copied, each of which was said
 * @throws DockerBashError when nothing was begun, or the rest is lost
 */
export async function cp(words: readonly string[], flags: CopyFlags): Promise<number> {
  const copy = parseCopy(typedBytes(words))
  requireStreams(copy, flags)
  const members = await manyOf(copy, flags)
  return members ? intoEach(members, copy, (one) => copyOnce(one, flags)) : copyOnce(copy, flags)
}

async function copyOnce(copy: CopyWords, flags: CopyFlags): Promise<number> {
  const mode = flags.chmod === undefined ? undefined : parseMode(flags.chmod)
  const servers = new Servers()
  const teller = new Teller(flags)
  const tally = new Tally((name, because) => teller.missed(name, because))
  try {
    if (copy.sources.some(({ kind }) => kind === 'here')) servers.begin(hereEnd)
    const reached = await reachAll(copy, flags)
    const to = endOf(copy.to, reached)
    // Next to what is looked at.
    const asked = optionsFor(copy.to, to, flags, mode, reached)
    asked.catch(() => undefined)
    const code = await untilSignal(async (abort) => {
      const sources = await lookAtAll(copy, reached, servers, flags['follow-link'])
      const options = await asked
      // Of what is loaded from here on V8 would not take the code that an earlier run has left.
      keepYoungSpaceSmall()
      teller.begins(tally, totalOf(sources))
      const work = transfer({ sources, to: { place: copy.to, end: to }, options, tally, abort, servers })
      // Whoever waits for bytes is not waited for.
      const over = new Promise<never>((_, reject) => {
        abort.addEventListener('abort', () => reject(abort.reason), { once: true })
      })
      over.catch(() => undefined)
      work.catch(() => undefined)
      await Promise.race([work, over])
    })
    await teller.ends(tally, code)
    return code || (tally.failed > 0 ? 1 : 0)
  } catch (error) {
    teller.stops()
    if (tally.files === 0 || !(error instanceof DockerBashError)) throw error
    const { message, hint, cause } = error
    const lines = [...error.lines, `${tally.files} ${tally.files === 1 ? 'file was' : 'files were'} copied before that`]
    throw new DockerBashError(message, { ...(hint !== undefined && { hint }), lines, cause })
  } finally {
    teller.stops()
    await servers.close()
  }
}

/** @throws DockerBashError for a tar at a terminal */
function requireStreams({ sources, to }: CopyWords, { json }: CopyFlags): void {
  if (to.kind === 'stream' && isatty(1)) {
    throw new DockerBashError('a tar is not for a terminal', {
      hint: 'redirect it: docker-bash cp web:/etc - > etc.tar',
    })
  }
  if (to.kind === 'stream' && json) throw new DockerBashError('--json and a tar would both go to stdout', {})
  if (sources.some(({ kind }) => kind === 'stream') && isatty(0)) {
    throw new DockerBashError('a tar is not read from a terminal', { hint: 'docker-bash cp - web:/srv < app.tar' })
  }
}

/** What each place is in. */
type ReachedPlaces = ReadonlyMap<Place, Reached>

/** Each container once, on the engine of its side. */
async function reachAll({ sources, to }: CopyWords, flags: CopyFlags): Promise<ReachedPlaces> {
  const reached = new Map<Place, Reached>()
  const known = new Map<string, Reached>()
  const from = sourceEngine(sources, flags)
  for (const place of [...sources, to]) {
    if (place.kind !== 'inside') continue
    const other = place === to ? undefined : from
    const key = `${other !== undefined} ${place.target}`
    const one = known.get(key) ?? (await reach(place, other ? { ...flags, ...other } : flags))
    reached.set(place, one)
    if (flags.verbose && !known.has(key)) say(wayOf(one))
    known.set(key, one)
  }
  return reached
}

function wayOf({ name, end }: Reached): string {
  if (end.kind === 'here') return name
  const { way } = end
  return `${name} by ${way.name}: ${way.because}; ${way.costs.join('; ')}`
}

/** @throws DockerBashError for an engine that is named for nothing */
function sourceEngine(sources: readonly Place[], flags: CopyFlags): EndpointChoice | undefined {
  const [host, context] = [flags['from-host'], flags['from-context']]
  if (host === undefined && context === undefined) return undefined
  if (sources.some(({ kind }) => kind === 'inside')) return { host, context }
  throw new DockerBashError(
    '--from-host and --from-context name the engine of SOURCE, and no SOURCE is in a container',
    {
      hint: 'the engine of DESTINATION is named by -H or --context',
    },
  )
}

function endOf(place: Place, reached: ReachedPlaces): End {
  return reached.get(place)?.end ?? hereEnd
}

async function optionsFor(
  place: Place,
  end: End,
  flags: CopyFlags,
  mode: number | undefined,
  reached: ReachedPlaces,
): Promise<CopyOptions> {
  const { archive, chown, user } = flags
  const given = { archive, keep: flags['no-clobber'], mode }
  if (place.kind !== 'inside') {
    const owner = chown === undefined ? undefined : await ownUser(chown)
    return { ...given, owner, mayOwn: process.getuid?.() === 0 }
  }
  const mayOwn = end.kind !== 'inside' || end.files.uid === 0
  if (chown !== undefined && !mayOwn) {
    throw new DockerBashError('--chown takes root inside', { hint: `leave out -u ${user}` })
  }
  const inside = reached.get(place)
  const owner = archive && chown === undefined ? undefined : await inside?.user(chown ?? user ?? '')
  return { ...given, owner: owner && { uid: owner.uid, gid: owner.gid }, mayOwn }
}

/** In bytes; undefined unless each is a file whose size is known. */
function totalOf(sources: Job['sources']): number | undefined {
  const sizes = sources.map(({ source }) => source?.size)
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0)
}

/** Everything is looked at before anything is copied. */
async function lookAtAll(
  { sources }: CopyWords,
  reached: ReachedPlaces,
  servers: Servers,
  follow: boolean,
): Promise<Job['sources']> {
  const all: { end: End; source: Source | undefined }[] = []
  for (const place of sources) {
    if (place.kind === 'stream') {
      all.push({ end: hereEnd, source: undefined })
      continue
    }
    const end = endOf(place, reached)
    for (const { path, word } of await expanded(place, end, servers)) {
      const look = await servers.look(end)
      all.push({ end, source: await lookAtSource(look, path, word, follow) })
    }
  }
  return all
}
