/** What a debug session could leave behind. */
import { call } from '../../scripts/engine-http.mjs'
import { docker } from './docker-api'
import { until } from './until'

interface Listed {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly Labels: Readonly<Record<string, string>>
}

/** Containers of ours on the shared engine, in any state: beside `id`, or copies of it. */
export const debugContainers = (id: string): Promise<Listed[]> => labelled(`docker-bash.debug=${id}`)

/** Those that carry tools and are not run, this session's and those of other suites on the same engine. */
const toolboxes = (): Promise<Listed[]> => labelled('docker-bash.debug=toolbox')

const labelled = (label: string) => list<Listed[]>('/containers/json?all=1&', { label: [label] })

/** Volumes that no container has, whoever left them. */
export async function lostVolumes(): Promise<string[]> {
  const { Volumes } = await list<{ Volumes: { Name: string }[] | null }>('/volumes?', { dangling: ['true'] })
  return (Volumes ?? []).map(({ Name }) => Name)
}

async function list<T>(path: string, filters: Record<string, string[]>): Promise<T> {
  return (await call(docker().host, 'GET', `${path}filters=${encodeURIComponent(JSON.stringify(filters))}`)) as T
}

/** What changed in a container's own files: `docker diff`; null for nothing. */
export const changesOf = (id: string) => call(docker().host, 'GET', `/containers/${id}/changes`)

/**
 * Resolves once nothing of ours is left for `id`: what is beside it or a copy; then, as these do not say whose they are
 * while those of other suites come and go, every toolbox and every volume of nobody's that was still there.
 * @param before volumes that were lost when the session began
 */
export async function nothingLeft(id: string, before: readonly string[], timeoutMs = 20_000): Promise<void> {
  await gone(async () => (await debugContainers(id)).map(({ Names, State }) => `${Names} ${State}`), timeoutMs)
  const nameless = async () => [
    ...(await toolboxes()).map(({ Id }) => Id),
    ...(await lostVolumes()).filter((name) => !before.includes(name)),
  ]
  const first = await nameless()
  await gone(async () => (await nameless()).filter((one) => first.includes(one)), timeoutMs)
}

const gone = (left: () => Promise<string[]>, timeoutMs: number) =>
  until(
    async () => (await left()).length === 0,
    timeoutMs,
    async () => (await left()).join(', '),
  )
