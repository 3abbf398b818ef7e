/** Regular expressions taken apart, for texts that make one of them slow. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type NodePath, parseSync, traverse, type types } from '@babel/core'
import { root } from './engine'

export interface Source {
  /** Below src/, with `/` between folders. */
  readonly file: string
  readonly text: string
  readonly tree: types.File
}

/** All of src/, parsed. */
export function sources(): Source[] {
  const folder = join(root, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const tree = parseSync(text, {
        ...{ filename: path, babelrc: false, configFile: false, sourceType: 'module' },
        parserOpts: { plugins: ['typescript'] },
      })
      if (!tree) throw new Error(`${path} cannot be parsed`)
      return { file: relative(folder, path), text, tree: tree as types.File }
    })
}

export interface Found {
  readonly file: string
  readonly line: number
  readonly pattern: RegExp
}

/** Every literal, and every place where one is built. */
export function patternsIn({ file, tree }: Source): { literal: Found[]; built: string[] } {
  const literal: Found[] = []
  const built: string[] = []
  const look = ({ node }: NodePath<types.NewExpression> | NodePath<types.CallExpression>) => {
    if (node.callee.type === 'Identifier' && node.callee.name === 'RegExp') built.push(file)
  }
  traverse(tree, {
    RegExpLiteral({ node: { pattern, flags, loc } }) {
      literal.push({ file, line: loc?.start.line ?? 0, pattern: new RegExp(pattern, flags) })
    },
    NewExpression: look,
    CallExpression: look,
  })
  return { literal, built }
}

interface Part {
  /** Texts that it matches; the first is as short as can be. */
  readonly samples: readonly string[]
  /** The same with all in it that may be left out: by its first choices, and by its last. */
  readonly full: readonly [string, string]
  /** What repeats in it without end, and what it takes to get there. */
  readonly loops: readonly Loop[]
}

interface Loop {
  /** As short as can be, and the two full ones. */
  readonly before: readonly string[]
  readonly again: readonly string[]
}

const empty: Part = { samples: [''], full: ['', ''], loops: [] }

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))
const characters = [
  ...printable,
  '\t',
  '\n',
  '\r',
  '\0',
  '\x1b',
  '\x7f',
  '\u061c',
  '\u2028',
  'é',
  '漢',
  '\u{1f600}',
  '\u{e0041}',
  '\ud800',
]

/** A small reader of patterns: no more of the language than src/ uses. */
class Reader {
  readonly #text: string
  readonly #flags: string
  readonly #groups: string[] = []
  #at = 0

  constructor({ source, flags }: RegExp) {
    this.#text = source
    this.#flags = flags.replace(/[gy]/g, '')
  }

  read(): Part {
    const parts: Part[] = []
    do {
      let here = empty
      while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at] ?? ''))
        here = follow(here, this.#term())
      parts.push(here)
    } while (this.#take('|'))
    return {
      samples: parts.flatMap(({ samples }) => samples),
      full: [parts[0]?.full[0] ?? '', parts.at(-1)?.full[1] ?? ''],
      loops: parts.flatMap(({ loops }) => loops),
    }
  }

  #take(text: string): boolean {
    const is = this.#text.startsWith(text, this.#at)
    if (is) this.#at += text.length
    return is
  }

  #term(): Part {
    const atom = this.#atom()
    const [whole, least = '', comma, most = ''] =
      /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#text.slice(this.#at)) ?? []
    if (whole === undefined) return atom
    this.#at += whole.length
    const min = whole[0] === '{' ? Number(least) : whole[0] === '+' ? 1 : 0
    const max = whole[0] === '{' ? Number(comma ? most || Number.POSITIVE_INFINITY : least) : whole[0] === '?' ? 1 : 1e9
    const samples = atom.samples.map((one) => one.repeat(min))
    const again = atom.samples.filter((one) => one !== '')
    return {
      samples: min === 0 ? ['', ...again] : samples,
      full: min > 1 ? [samples[0] ?? '', samples.at(-1) ?? ''] : atom.full,
      loops: [...atom.loops, ...(max > 1000 && again.length > 0 ? [{ before: ['', '', ''], again }] : [])],
    }
  }

  #atom(): Part {
    if (/^(?:\\[bB]|[\^$])/.test(this.#text.slice(this.#at))) {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
      return empty
    }
    if (this.#take('(')) {
      const looks = /^\?<?[=!]/.exec(this.#text.slice(this.#at))?.[0]
      this.#at += looks?.length ?? 0
      const captures = !looks && !this.#take('?:')
      const inside = this.read()
      this.#take(')')
      if (captures) this.#groups.push(inside.samples[0] ?? '')
      return looks ? { ...empty, loops: inside.loops } : inside
    }
    const back = /^\\([1-9])/.exec(this.#text.slice(this.#at))?.[1]
    if (back) {
      this.#at += 2
      return plain([this.#groups[Number(back) - 1] ?? ''])
    }
    const set =
      /^(?:\[(?:\\.|[^\]\\])*\]|\\u\{\w+\}|\\u\w{4}|\\x\w\w|\\p\{\w+\}|\\.|.)/su.exec(
        this.#text.slice(this.#at),
      )?.[0] ?? ''
    this.#at += set.length
    const one = new RegExp(`^${set}$`, this.#flags)
    const samples = characters.filter((character) => one.test(character))
    if (samples.length > 0) return plain(samples)
    for (let code = 0x80; code < 0x20000; code++) {
      if (one.test(String.fromCodePoint(code))) return plain([String.fromCodePoint(code)])
    }
    throw new Error(`nothing fits ${set} of ${this.#text}`)
  }
}

function plain(samples: readonly string[]): Part {
  return { samples, full: [samples[0] ?? '', samples.at(-1) ?? ''], loops: [] }
}

function follow(first: Part, next: Part): Part {
  const [short = ''] = first.samples
  const ways = [short, ...first.full]
  return {
    samples: [...next.samples.map((one) => short + one), ...first.samples.slice(1).map((one) => one + next.samples[0])],
    full: [first.full[0] + next.full[0], first.full[1] + next.full[1]],
    loops: [
      ...first.loops,
      ...next.loops.map(({ before, again }) => ({ again, before: before.map((one, way) => (ways[way] ?? '') + one) })),
    ],
  }
}

/** Texts of about this many characters that a pattern may take long for, by what repeats in it. */
export function* attacks(pattern: RegExp, length: number): Generator<string> {
  const ends = ['', '\0', '\n\0', ' a', '\u2028']
  for (const { before, again } of new Reader(pattern).read().loops) {
    const times = (text: string) => text.repeat(Math.max(1, Math.floor(length / text.length)))
    const bodies = again
      .filter((one, index) => index < 2 || /^[\n a0:]$/.test(one) || index === again.length - 1)
      .flatMap((one) =>
        [...new Set(before)].flatMap((way) => [times(one), way + times(one), times(way + one), way ? times(way) : '']),
      )
    for (const body of new Set(bodies)) for (const end of ends) yield body + end
  }
}

/** @returns the processor's time for a search through all of a text, in ms */
export function cost(pattern: RegExp, text: string): number {
  const from = process.cpuUsage()
  if (pattern.global || pattern.sticky) text.replace(pattern, '')
  else pattern.exec(text)
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1000
}
