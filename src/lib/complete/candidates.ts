import { contextNames } from '../engine/contexts'
import type { ArgDefinition, CommandDefinition, FlagDefinition } from './definitions'
import { places, ports } from './inside'
import type { Line, Position } from './position'
import { among, type Candidate, Directive, nothing, type Reply } from './reply'
import type { World } from './world'

/** What `word` may become where it stands. */
export async function candidatesFor(
  { position, flags, given }: Line,
  word: string,
  commands: readonly CommandDefinition[],
  world: World,
): Promise<Reply> {
  switch (position.kind) {
    case 'flag':
      return among(flagNames(position, flags), word)
    case 'value':
      return flagValues(position.flag, position.head, word.slice(position.head.length), world)
    case 'command': {
      const { topic, command } = position
      const ids = among(subcommands(topic, commands), word)
      const arg = topic === command.id || topic === '' ? command.args[0] : undefined
      const values = arg ? await argValues(arg, command, word, world) : nothing
      return { ...values, candidates: [...ids.candidates, ...values.candidates] }
    }
    case 'arg':
      switch (position.arg.name) {
        case 'places':
          return places(word, given, world)
        case 'ports':
          return given.length === 0
            ? targetsOf(position.command, word, world)
            : ports(word, given[0] ?? '', flags, world)
        default:
          return argValues(position.arg, position.command, word, world)
      }
    case 'word':
      // The container's own programs are not known here. A path may well be as on this side.
      return position.index > 0 || /^[./~]/.test(word) ? { candidates: [], directive: Directive.files } : nothing
    case 'nothing':
      return nothing
  }
}

async function argValues(
  { name, options }: ArgDefinition,
  { anyState }: CommandDefinition,
  word: string,
  world: World,
): Promise<Reply> {
  if (options.length > 0) {
    return among(
      options.map((option) => ({ word: option })),
      word,
    )
  }
  if (/^(target|selector)s?$/.test(name)) return targetsOf({ anyState }, word, world)
  return /^(dir|folder)$/.test(name) ? { candidates: [], directive: Directive.folders } : nothing
}

async function targetsOf(
  { anyState }: Pick<CommandDefinition, 'anyState'>,
  word: string,
  world: World,
): Promise<Reply> {
  return among(await world.targets(word, anyState), word)
}

function flagNames({ command, root }: Extract<Position, { kind: 'flag' }>, given: readonly string[]): Candidate[] {
  const isThere = new Set(given.map((text) => text.split('=')[0]))
  const own = [
    { word: '--help', about: 'what it does, with examples' },
    ...(root ? [{ word: '--version', about: 'of docker-bash' }] : []),
  ]
  const flags = command.flags.filter((flag) => flag.multiple || !isThere.has(`--${flag.name}`))
  return [
    ...flags.map((flag) => ({ word: `--${flag.name}`, about: flag.summary })),
    ...flags.flatMap((flag) => (flag.char ? [{ word: `-${flag.char}`, about: flag.summary }] : [])),
    ...own,
  ]
}

/** The next words of the commands that begin with `topic`. */
function subcommands(topic: string, commands: readonly CommandDefinition[]): Candidate[] {
  const head = topic ? `${topic} ` : ''
  return commands
    .filter(({ id }) => id.startsWith(head))
    .map(({ id, summary }) => {
      const word = id.slice(head.length).split(' ')[0] ?? ''
      return { word, about: `${head}${word}` === id ? summary : undefined }
    })
    .filter(({ word }) => word !== '')
}

/** By what the flag's help calls its value. */
function flagValues(flag: FlagDefinition, head: string, word: string, world: World): Reply {
  const of = (words: readonly string[]) =>
    among(
      words.map((one) => ({ word: one })),
      word,
      head,
    )
  if (flag.options.length > 0) return of(flag.options)
  if (/^(from-)?context$/.test(flag.name)) return of([...contextNames(world.dockerConfig), 'default'])
  if (/^(from-)?host$/.test(flag.name)) return of(['unix://', 'ssh://', 'tcp://'])
  if (flag.name === 'env') return of(Object.keys(world.env))
  // In the container.
  if (flag.name === 'workdir') return nothing
  if (flag.helpValue.startsWith('FILE')) return { candidates: [], directive: Directive.files }
  return flag.helpValue === 'DIR' ? { candidates: [], directive: Directive.folders } : nothing
}
