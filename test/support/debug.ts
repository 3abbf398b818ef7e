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

/** Containers of ours on the shared engine, in any state: beside `id` or copies of it, or toolboxes that are not run. */
export async function debugContainers(id?: string): Promise<Listed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['docker-bash.debug'] }))
  const all = (await call(docker().host, 'GET', `/containers/json?all=1&filters=${filters}`)) as Listed[]
  return all.filter(({ Labels }) => [id, 'toolbox', undefined].includes(id && Labels['docker-bash.debug']))
}

/** Volumes without a name of somebody's. */
export async function volumes(): Promise<string[]> {
  const { Volumes } = (await call(docker().host, 'GET', '/volumes')) as { Volumes: { Name: string }[] | null }
  return (Volumes ?? []).map(({ Name }) => Name).sort()
}

/** What changed in a container's own files: `docker diff`; null for nothing. */
export const changesOf = (id: string) => call(docker().host, 'GET', `/containers/${id}/changes`)

/** Resolves once none of ours is left for `id`. */
export async function nothingLeft(id: string, timeoutMs = 20_000): Promise<void> {
  await until(
    async () => (await debugContainers(id)).length === 0,
    timeoutMs,
    async () => JSON.stringify((await debugContainers(id)).map(({ Names, State }) => [Names, State])),
  )
}
