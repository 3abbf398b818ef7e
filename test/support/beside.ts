import type { Container } from './containers'
import { docker } from './docker-api'
import { until } from './until'

/** The names of the containers beside one, for its ports and sockets or for its files. */
export async function beside({ name: of }: Container): Promise<string[]> {
  const all = await docker().list()
  return all
    .flatMap(({ Names }) => Names)
    .filter((name) => name.includes(`${of}-forward-`) || name.includes(`${of}-files-`))
}

export async function noneBeside(one: Container): Promise<void> {
  await until(
    async () => (await beside(one)).length === 0,
    10_000,
    async () => (await beside(one)).join(' '),
  )
}
