import { DockerBashError } from '../errors'

/** What a TARGET says of itself, before any engine is asked. */
export type TargetRef =
  | { readonly kind: 'latest' }
  | { readonly kind: 'any' | 'name' | 'id' | 'image' | 'task'; readonly text: string }
  | { readonly kind: 'service'; readonly text: string; readonly service: string; readonly number?: number }
  | { readonly kind: 'label'; readonly text: string; readonly key: string; readonly value?: string }

const prefixes = ['name', 'id', 'service', 'image', 'label', 'task'] as const

/**
 * Reads a TARGET. Without a prefix it may be anything and `resolve` tries the kinds in order; a container's name
 * cannot hold a colon, so `name:` and its like never hide one.
 * @throws DockerBashError for an empty TARGET or part
 */
export function parseTarget(text: string): TargetRef {
  if (text === '') throw new DockerBashError('the TARGET is empty', { hint: 'docker-bash ls shows what runs' })
  const colon = text.indexOf(':')
  const prefix = prefixes.find((known) => known === text.slice(0, colon))
  if (!prefix) return { kind: 'any', text: withoutSlash(text) }
  const value = text.slice(colon + 1)
  if (value === '') {
    throw new DockerBashError(`invalid TARGET "${text}": nothing behind the colon`, {
      hint: `write what is meant behind the colon, as in ${example(prefix)}`,
    })
  }
  if (prefix === 'service') return { kind: 'service', text, ...parseService(value) }
  if (prefix === 'label') return { kind: 'label', text, ...parseLabel(value) }
  return { kind: prefix, text: prefix === 'name' ? withoutSlash(value) : value }
}

/** `docker inspect` prints names with one in front. */
function withoutSlash(name: string): string {
  return name.length > 1 ? name.replace(/^\//, '') : name
}

/** `web` or `web#2`: a service of a compose project, or one of its containers. */
export function parseService(text: string): { service: string; number?: number } {
  const found = /^(.+)#([1-9]\d{0,5})$/.exec(text)
  return found?.[1] ? { service: found[1], number: Number(found[2]) } : { service: text }
}

function parseLabel(text: string): { key: string; value?: string } {
  const equals = text.indexOf('=')
  return equals < 0 ? { key: text } : { key: text.slice(0, equals), value: text.slice(equals + 1) }
}

function example(prefix: (typeof prefixes)[number]): string {
  const examples = {
    name: 'name:web',
    id: 'id:3f9c',
    service: 'service:web#2',
    image: 'image:nginx',
    label: 'label:tier=front',
    task: 'task:web.2',
  }
  return examples[prefix]
}
