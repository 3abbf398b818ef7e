import { DockerBashError } from './errors'

/**
 * Where our flags end and the command's words begin.
 *
 * oclif sorts and drops repeated words behind `--`, and takes the command's own `-u` and `--help` for ours
 * (oclif 4.14). So argv is cut here first, by the same flag definitions that oclif then parses: flags are handed on
 * in the one form that cannot be misread (`--name=value`), and every word from TARGET on travels sealed in a single
 * argument that oclif has no reason to look into.
 */
export interface FlagShape {
  readonly name: string
  readonly char?: string
  /** Takes a value: `-u NAME`, `--user NAME`, `--user=NAME`. */
  readonly value: boolean
}

export interface CommandShape {
  readonly flags: readonly FlagShape[]
  /** Takes TARGET and then a command of the user's; its words are sealed. */
  readonly takesWords: boolean
  /** Takes any number of SELECTORs, flags among them, up to `--`, and then the words; both are sealed. */
  readonly takesMany?: boolean
  /** Flags that stand in for TARGET, so that the words begin at once: `-l`. */
  readonly targetFlags: readonly string[]
}

/** The command that is meant when the first word names none: `docker-bash web` is `docker-bash enter web`. */
export const defaultCommand = 'enter'

/** Flags of docker-bash itself, wherever they stand before the command. */
const own = new Set(['--help', '-h', '--version'])

/**
 * argv as oclif may see it, the command's name first.
 * @param argv the words behind the program's name
 * @param ids every command's ID; topics by a space (`key install`)
 * @param shapeOf asked for `enter`, and for the command that is named, if one is
 */
export async function shield(
  argv: readonly string[],
  ids: readonly string[],
  shapeOf: (id: string) => CommandShape | Promise<CommandShape>,
): Promise<string[]> {
  if (argv.length === 0) return []
  const lead = cut(argv, await shapeOf(defaultCommand))
  if (lead.asked) return [lead.asked]
  const named = lead.ended || lead.targeted ? undefined : commandAt(lead.rest, ids)
  for (const flag of lead.flags) if (flag.startsWith(`${key}-`)) requireKey(flag, argv)
  if (!named) {
    if (lead.rest.length === 0 && !lead.targeted && lead.flags.length === 0) return []
    return [defaultCommand, ...lead.flags, ...sealTarget(lead)]
  }
  const rest = lead.rest.slice(named.words)
  const shape = await shapeOf(named.id)
  if (shape.takesMany) return [named.id, ...sealMany(lead.flags, rest, shape)]
  if (!shape.takesWords) {
    for (const flag of lead.flags) if (!knows(shape, flag)) requireKey(flag, argv)
    return [named.id, ...lead.flags, ...rest]
  }
  const tail = cut(rest, shape)
  if (tail.asked) return [named.id, tail.asked]
  return [named.id, ...lead.flags, ...tail.flags, ...sealTarget(tail)]
}

const key = '--identity='

function knows(shape: CommandShape, flag: string): boolean {
  return shape.flags.some(({ name }) => flag === `--${name}` || flag.startsWith(`--${name}=`))
}

/** Docker's `-i` takes no value; with ours the next word is a key, and what was meant is not there any more. */
function requireKey(flag: string, argv: readonly string[]): void {
  if (!flag.startsWith(key)) return
  throw new DockerBashError(`-i names a key for SSH, and ${flag.slice(key.length)} was taken for one`, {
    hint: `input and a terminal come by themselves: docker-bash ${argv.filter((word) => word !== '-i').join(' ')}`,
  })
}

/** The words of a sealed argument, as they were typed. */
export function unseal(sealed: string): string[] {
  const words: unknown = JSON.parse(sealed)
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) throw new TypeError('not sealed words')
  return words
}

/** A line taken apart: its flags up to TARGET, and the rest. */
export interface Cut {
  /** In canonical form. */
  readonly flags: readonly string[]
  readonly rest: readonly string[]
  /** `--` was seen: what follows is TARGET, whatever it looks like. */
  readonly ended: boolean
  /** A flag stood in for TARGET. */
  readonly targeted: boolean
  /** The last flag's value is missing. */
  readonly cutOff?: boolean
  /** `--help` or `--version`. */
  readonly asked?: string
}

export function cut(argv: readonly string[], shape: CommandShape): Cut {
  const flags: string[] = []
  let targeted = false
  let at = 0
  for (; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') return { flags, rest: argv.slice(at + 1), ended: true, targeted }
    if (!word.startsWith('-') || word === '-') break
    if (own.has(word)) return { flags, rest: [], ended: false, targeted, asked: word === '-h' ? '--help' : word }
    const read = word.startsWith('--') ? readLong(word, shape) : readShort(word, shape)
    for (const { flag, text, needs } of read) {
      if (needs) at++
      // A missing value is left to oclif, which says so: nothing may stand behind the flag then.
      if (needs && at >= argv.length) return { flags: [...flags, text], rest: [], ended: false, targeted, cutOff: true }
      flags.push(needs ? `${text}=${argv[at]}` : text)
      if (flag && shape.targetFlags.includes(flag.name)) targeted = true
    }
  }
  return { flags, rest: argv.slice(at), ended: false, targeted }
}

interface Read {
  readonly flag?: FlagShape | undefined
  readonly text: string
  /** The value is the next word. */
  readonly needs: boolean
}

function readLong(word: string, shape: CommandShape): Read[] {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
  const flag = shape.flags.find((known) => known.name === name)
  return [{ flag, text: word, needs: equals < 0 && flag?.value === true }]
}

/**
 * `-tu app`, `-uapp`, `-u=app`. Unknown letters are handed on as they are, for oclif to refuse. `-it` and `-ti`, as
 * Docker's users type them, are a terminal: input comes by itself.
 */
function readShort(word: string, shape: CommandShape): Read[] {
  const tty = shape.flags.find(({ char }) => char === 't')
  if ((word === '-it' || word === '-ti') && tty && !tty.value) {
    return [{ flag: tty, text: `--${tty.name}`, needs: false }]
  }
  const read: Read[] = []
  for (let at = 1; at < word.length; at++) {
    const flag = shape.flags.find((known) => known.char === word[at])
    if (!flag) return [...read, { text: `-${word.slice(at)}`, needs: false }]
    const rest = word.slice(at + 1)
    if (!flag.value) {
      read.push({ flag, text: `--${flag.name}`, needs: false })
      continue
    }
    const value = rest.startsWith('=') ? rest.slice(1) : rest
    read.push({ flag, text: rest ? `--${flag.name}=${value}` : `--${flag.name}`, needs: rest === '' })
    break
  }
  return read
}

/** The words sealed, then TARGET if there is one. */
function sealTarget(cut: Cut): string[] {
  if (cut.cutOff) return []
  if (cut.targeted) return [JSON.stringify(cut.rest)]
  const [target, ...words] = cut.rest
  return target === undefined ? [JSON.stringify([])] : [JSON.stringify(words), target]
}

/** Flags, then the words behind `--` and the selectors before it, each sealed. */
function sealMany(lead: readonly string[], argv: readonly string[], shape: CommandShape): string[] {
  const flags = [...lead]
  const selectors: string[] = []
  for (let left = argv; ; ) {
    const part = cut(left, shape)
    if (part.asked) return [part.asked]
    flags.push(...part.flags)
    if (part.cutOff) return flags
    const [selector, ...more] = part.rest
    if (part.ended || selector === undefined) {
      return [...flags, JSON.stringify(part.rest), JSON.stringify(selectors)]
    }
    selectors.push(selector)
    left = more
  }
}

/** The longest command ID at the start of the words: `key install` before `key`. */
export function commandAt(words: readonly string[], ids: readonly string[]): { id: string; words: number } | undefined {
  for (const length of [2, 1]) {
    const id = words.slice(0, length).join(' ')
    if (words.length >= length && ids.includes(id)) return { id, words: length }
  }
  return undefined
}
