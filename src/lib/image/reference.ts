import { DockerBashError } from '../errors'

/** What `image build` makes and `init` builds on, unless told otherwise. */
export const usualImage = 'docker-bash-base'

// The grammar of github.com/distribution/reference, where a tag comes last.
const host = /(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?\/)?/.source
const part = /[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*/.source
const tagged = new RegExp(`^(?=.{1,255}$)(${host}${part}(?:/${part})*)(?::(\\w[\\w.-]{0,127}))?$`)
const digest = /@sha256:[0-9a-f]{64}$/

/**
 * An image's name taken apart for the engine, `latest` where it has no tag.
 * @throws DockerBashError for what no image can be called
 */
export function parseTag(name: string): { repo: string; tag: string } {
  const [, repo, tag = 'latest'] = tagged.exec(name) ?? []
  if (repo === undefined) throw noName(name)
  return { repo, tag }
}

/** @throws DockerBashError for what cannot be the name, with or without tag and digest, or the ID of an image */
export function requireImageName(name: string): string {
  if (!/^(sha256:)?[0-9a-f]{12,64}$/.test(name) && !tagged.test(name.replace(digest, ''))) throw noName(name)
  return name
}

function noName(name: string): DockerBashError {
  return new DockerBashError(`invalid image name "${name}"`, {
    hint: 'small letters and digits, with . _ - and / between them, and a tag: my/base:1.0',
  })
}
