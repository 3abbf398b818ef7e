import { type Key, patterns, viaChoices } from './schema'
import { variableOf } from './settings'

interface Described {
  readonly description: string
  readonly [more: string]: unknown
}

/** For whoever writes the file: in an editor, this is what the keys are completed and checked by. */
const described: { readonly [K in Key]: Described } = {
  via: { enum: viaChoices, description: 'The way in to prefer where it fits.', default: 'auto' },
  shell: {
    ...text('shell'),
    description: 'Of the shells a container has, this one: /bin/zsh, or zsh wherever it is.',
  },
  user: { ...text('user'), description: 'Who to be in a container: NAME or UID, and :GROUP if need be.' },
  toolbox: { ...text('toolbox'), description: 'The image whose static programs debug brings along.' },
  picker: { type: 'boolean', description: 'Ask at a terminal which container is meant.', default: true },
  nodes: {
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      "How each swarm node's engine is reached, by its name, ID or address: ssh://user@host, tcp://host:port, unix:///path.",
  },
  nodesBySsh: {
    type: 'boolean',
    description: 'Reach a swarm node that nothing else leads to by ssh to its address.',
    default: false,
  },
}

function text(key: keyof typeof patterns): { readonly type: string; readonly pattern: string } {
  return { type: 'string', pattern: patterns[key].source }
}

/** The JSON schema of config.json, made of the rules that it is read by; `config.schema.json` holds it. */
export function jsonSchema(): object {
  const properties = Object.entries(described).map(([key, { description, ...rest }]) => {
    const env = variableOf(key as Key)
    return [key, { ...rest, description: env ? `${description} Environment: ${env}.` : description }]
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://unpkg.com/@docker-bash/cli/config.schema.json',
    title: "docker-bash's settings: ~/.config/docker-bash/config.json",
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for your editor.' },
      ...Object.fromEntries(properties),
    },
  }
}
