import { constants } from 'node:os'
import { PassThrough } from 'node:stream'
import { ReadStream, WriteStream } from 'node:tty'
import { Separator, search } from '@inquirer/prompts'
import { DockerBashError } from '../errors'
import { coloursFor } from './colour'
import { ownTerminal } from './own'
import { cut } from './width'

/** What can be chosen. Its text must be safe to print. */
export interface Row<T> {
  readonly value: T
  readonly line: string
  /** Shown below the list while it is the active one. */
  readonly more: string
  readonly dim: boolean
}

export interface Pick<T> {
  readonly message: string
  /** The rows that fit what was typed, in their order, each line of at most so many columns. */
  readonly matching: (typed: string, columns: number) => readonly Row<T>[]
}

/** Each key draws the list anew, and nobody walks further than this: whoever looks for more types. */
const most = 100

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const heard = () => undefined

/** Lines around the list: the question, a blank, what is active, the keys. */
const around = 4

/**
 * Lets somebody choose at their own terminal, whatever our input and output are. The terminal is left as it was, with
 * nothing of the list on it.
 * @returns what was chosen, with the rest of what was on it; undefined when they left (ctrl-c, ctrl-d, escape)
 * @throws the signal's reason when it is aborted
 */
export async function pick<T>(wanted: Pick<T>, signal: AbortSignal): Promise<T | undefined> {
  const descriptor = ownTerminal()
  if (descriptor === undefined) throw new DockerBashError('there is no terminal to ask on', { hint: 'name a TARGET' })
  const input = new ReadStream(descriptor)
  let screen: Screen<T> = { term: '' }
  // Inquirer ends the process by the signal when nobody else listens, with the terminal as it is.
  for (const name of signals) process.on(name, heard)
  try {
    for (;;) {
      const outcome = await show(wanted, screen, input, signal)
      if (!('again' in outcome)) return outcome.chosen
      screen = outcome.again
    }
  } finally {
    for (const name of signals) process.off(name, heard)
    input.destroy()
  }
}

/** What was typed and where the mark stood: kept when the window changes its size. */
interface Screen<T> {
  readonly term: string
  readonly active?: T | undefined
}
type Outcome<T> = { readonly chosen: T | undefined } | { readonly again: Screen<T> }

async function show<T>(
  { message, matching }: Pick<T>,
  before: Screen<T>,
  input: ReadStream,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  const descriptor = ownTerminal()
  const output = new WriteStream(descriptor ?? 2)
  const { columns, rows } = size(output)
  const roomy = rows > around + 2
  // What inquirer draws; cut off from the terminal as soon as the window's size is no longer the one it draws for.
  const drawn = Object.assign(new PassThrough(), { columns, rows, isTTY: true, getWindowSize: () => [columns, rows] })
  drawn.pipe(output, { end: false })
  const values = new Map<string, T>()
  let { term, active } = before
  const look = styles((text) => {
    active = values.get(text)
  })
  const stop = new AbortController()
  const left = (_: string, key: { name?: string; ctrl?: boolean } | undefined) => {
    if (key?.name === 'escape' || (key?.ctrl && key.name === 'd')) stop.abort('left')
  }
  const resized = () => {
    drawn.unpipe(output)
    // The mark stands in the question's line, all that is ours below it.
    output.write('\r\x1b[J')
    stop.abort('resized')
  }
  input.on('keypress', left)
  process.once('SIGWINCH', resized)
  try {
    const chosen = await search<T>(
      {
        message,
        pageSize: Math.max(1, roomy ? Math.min(rows - around - 1, 25) : rows - 1),
        ...(before.term && { initialValue: before.term }),
        ...(before.active !== undefined && { default: before.active }),
        theme: { ...look, style: { ...look.style, ...(!roomy && { keysHelpTip: () => undefined }) } },
        source: (typed = '') => {
          term = typed
          values.clear()
          const found = matching(typed, columns - 3)
          const shown = found.slice(0, most).map(({ value, line, more, dim }) => {
            const name = dim ? look.dim(line) : line
            values.set(name, value)
            return { value, name, ...(roomy && { description: cut(more, columns - 1) }) }
          })
          const left = found.length - shown.length
          return left > 0 ? [...shown, new Separator(look.dim(`and ${left} more: type what it is`))] : shown
        },
      },
      { input, output: drawn, clearPromptOnDone: true, signal: AbortSignal.any([stop.signal, signal]) },
    )
    return { chosen }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (stop.signal.reason === 'resized') return { again: { term, active } }
    if (stop.signal.aborted || (error instanceof Error && error.name === 'ExitPromptError'))
      return { chosen: undefined }
    throw error
  } finally {
    input.off('keypress', left)
    process.off('SIGWINCH', resized)
    drawn.unpipe(output)
    await new Promise<void>((done) => output.end(done))
  }
}

function size(output: WriteStream): { columns: number; rows: number } {
  return { columns: output.columns || 80, rows: output.rows || 24 }
}

/** Marks that also read without colour, on light ground and dark. */
function styles(activeIs: (text: string) => void) {
  const paint = coloursFor(2)
  return {
    dim: paint.dim,
    prefix: { idle: '', done: '', loading: '' },
    spinner: { interval: 1000, frames: [''] },
    icon: { cursor: '>' },
    style: {
      answer: (text: string) => text,
      message: (text: string) => paint.bold(text),
      error: () => paint.red('nothing fits'),
      highlight: (text: string) => {
        activeIs(text.slice(2))
        return paint.bold(text)
      },
      description: (text: string) => text,
      searchTerm: (text: string) => text,
      keysHelpTip: () => paint.dim('type to filter · ↑↓ · enter · esc'),
    },
  }
}

/** As a shell says it of a program that ctrl-c ended. */
export const leftCode = 128 + constants.signals.SIGINT
