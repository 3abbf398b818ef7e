/** What the engine says while it builds or imports: a line of JSON each. */
export type Word =
  | { readonly kind: 'step'; readonly at: number; readonly of: number; readonly text: string }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'error'; readonly text: string }

interface Line {
  readonly stream?: unknown
  readonly status?: unknown
  readonly error?: unknown
  readonly aux?: { readonly ID?: unknown }
}

/** Takes such an answer apart as it comes. An error comes last, after a status of 200. */
export async function* readAnswer(answer: AsyncIterable<Buffer | string>): AsyncGenerator<Word> {
  const log = new Log()
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield* wordsOf(line, log)
  }
  yield* wordsOf(rest, log)
  yield* log.add('\n')
}

function* wordsOf(line: string, log: Log): Generator<Word> {
  if (line.trim() === '') return
  const { stream, status, error, aux } = JSON.parse(line) as Line
  if (typeof stream === 'string') yield* log.add(stream)
  if (typeof status === 'string') yield* log.add(`\n${status}\n`)
  if (typeof aux?.ID === 'string') yield { kind: 'image', id: aux.ID }
  if (typeof error === 'string') {
    yield* log.add('\n')
    yield { kind: 'error', text: error.trim() }
  }
}

/** A build's output, put together again to lines: it comes in pieces, and what is from stderr is coloured. */
class Log {
  #rest = ''

  add(text: string): Word[] {
    const lines = (this.#rest + text).split(/[\r\n]+/)
    this.#rest = lines.pop() ?? ''
    const plain = lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd())
    return plain.filter((line) => line !== '' && !ofTheBuilder.test(line)).map(asWord)
  }
}

/** What the builder says of its own layers and containers. */
const ofTheBuilder = /^( ?-+> |Removing intermediate container )/

function asWord(text: string): Word {
  const [, at, of, what] = /^step (\d+)\/(\d+) ?: (.*)$/i.exec(text) ?? []
  return what === undefined ? { kind: 'log', text } : { kind: 'step', at: Number(at), of: Number(of), text: what }
}
