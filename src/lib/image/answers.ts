import { basename, resolve } from 'node:path'
import { DockerBashError } from '../errors'
import type { Asker } from './ask'
import { type Entrance, type Project, unfit, usualCommand, usualService } from './project'
import { offeredKeys, readPublic } from './public-key'
import { usualImage } from './reference'

/** What the flags say; the rest is asked or taken as usual. */
export interface Said {
  readonly name?: string | undefined
  readonly base?: string | undefined
  readonly service?: string | undefined
  readonly command?: string | undefined
  /** The file of a public key. */
  readonly key?: string | undefined
  readonly 'insecure-key'?: boolean
  readonly 'no-ssh'?: boolean
}

/**
 * Completes the flags. All of them are looked at before the first question.
 * @param ask where there is nobody to ask: undefined
 * @throws DockerBashError naming the flag when there is nothing usual to take
 */
export async function complete(said: Said, folder: string, home: string, ask: Asker | undefined): Promise<Project> {
  for (const what of ['name', 'base', 'service', 'command'] as const) {
    const text = said[what]
    const wrong = text === undefined ? undefined : unfit[what](text)
    if (wrong !== undefined) throw new DockerBashError(`invalid value "${text}" for --${what}`, { hint: wrong })
  }
  const entrance = entranceSaid(said)
  const text = async (what: 'name' | 'service' | 'command', question: string, usual: string) =>
    said[what] ?? (ask ? ask.text(what, question, usual) : usual)
  return {
    name: await text('name', 'name of the image and the container', usualNameOf(folder)),
    base: said.base ?? (await ask?.base(usualImage)) ?? usualImage,
    service: await text('service', 'name of the service', usualService),
    command: await text('command', 'what it runs, in the foreground', usualCommand),
    entrance: entrance ?? (ask ? await ask.entrance(offeredKeys(home)) : usualEntrance(home)),
  }
}

function entranceSaid(said: Said): Entrance | undefined {
  if (said['no-ssh']) return 'none'
  if (said['insecure-key']) return 'insecure'
  return said.key === undefined ? undefined : { key: readPublic(said.key) }
}

function usualEntrance(home: string): Entrance {
  const [first] = offeredKeys(home)
  if (first) return { key: first.key }
  throw new DockerBashError('there is no public key of yours, neither of docker-bash nor in ~/.ssh', {
    hint: '--key FILE.pub names one, docker-bash key generate default makes one; or --insecure-key, or --no-ssh',
  })
}

/** The folder's own name, as far as an image can be called so. */
function usualNameOf(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 63)
    .replace(/-$/, '')
  return unfit.name(name) === undefined ? name : 'app'
}
