/** A child process whose output is kept and can be waited for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { endWithTest } from './end-with-test'
import { watchMemory } from './memory'
import { deadline } from './pace'
import { makePipes } from './pipes'

export interface ChildOptions {
  /** What it reads: bytes, a stream, a file descriptor of ours, `open` (a pipe left to the caller). Default: nothing. */
  input?: string | Buffer | Readable | number | 'open'
  /** Where it writes, when that is not a pipe of ours: a file descriptor. */
  stdout?: number
  /** Default true: stdout is kept for the result. Otherwise it is the caller's to read, or not to read. */
  collect?: boolean
  cwd?: string
  /** Default 30,000, as a quiet machine has them (see pace.ts); past it the child is killed and `ended` rejects. */
  timeoutMs?: number
  /** Kills the child (SIGKILL). */
  signal?: AbortSignal
  /** Also find out the most memory it held at once. */
  memory?: boolean
}

export interface Result {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
  readonly maxRssKb?: number
}

export interface Running {
  readonly pid: number
  /** The child's stdin if `input` is `open`. */
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the output so far as soon as it matches; rejects when it ends, or 10 s pass, without. */
  said(pattern: RegExp, stream?: 'stdout' | 'stderr', timeoutMs?: number): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Settles once it has ended and its output, as far as it is kept, is read. */
  readonly ended: Promise<Result>
}

export function launch(words: readonly string[], env: Record<string, string>, options: ChildOptions = {}): Running {
  const [program = '', ...args] = words
  const { input } = options
  const piped = input !== undefined && typeof input !== 'number'
  const pipes = makePipes(['out', 'out', ...(piped ? (['in'] as const) : [])])
  const [stdout, stderr, stdin] = pipes
  if (!stdout || !stderr) throw new Error('no pipes')
  const child = spawn(program, args, {
    env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: [
      typeof input === 'number' ? input : (stdin?.theirs ?? 'ignore'),
      options.stdout ?? stdout.theirs,
      stderr.theirs,
    ],
  })
  endWithTest(child)
  for (const { theirs } of pipes) closeSync(theirs)
  options.signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  const ways: Ways = { child, stdin: stdin?.ours ?? new Writable(), stdout: stdout.ours, stderr: stderr.ours }
  feed(ways, input)
  const kept = { stdout: keep(options.collect === false ? undefined : ways.stdout), stderr: keep(ways.stderr) }
  const ended = finish(ways, words, kept, options)
  // Whoever waits for it gets the error; before that it must not count as unhandled.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    stdin: ways.stdin,
    stdout: ways.stdout,
    stderr: ways.stderr,
    said: (pattern, stream = 'stdout', timeoutMs = 10_000) => said(kept[stream], pattern, timeoutMs),
    kill: (signal) => {
      child.kill(signal)
    },
    ended,
  }
}

/** A child and our ends of its pipes. */
interface Ways {
  readonly child: ChildProcess
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** A stream's output so far. */
interface Kept {
  readonly chunks: Buffer[]
  readonly stream: Readable | undefined
}

function keep(stream: Readable | undefined): Kept {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { chunks, stream }
}

const text = ({ chunks }: Pick<Kept, 'chunks'>) => Buffer.concat(chunks).toString()

function feed({ stdin }: Ways, input: ChildOptions['input']): void {
  // It may end without having read all: that is its right, and EPIPE no failure of the test.
  stdin.on('error', () => {})
  if (input === 'open' || input === undefined || typeof input === 'number') return
  if (input instanceof Readable) input.pipe(stdin)
  else stdin.end(input)
}

async function finish(
  { child, stdin, stdout, stderr }: Ways,
  words: readonly string[],
  kept: { stdout: Kept; stderr: Kept },
  { timeoutMs = 30_000, memory = false }: ChildOptions,
): Promise<Result> {
  let isLate = false
  const inTime = deadline(timeoutMs, () => {
    isLate = true
    child.kill('SIGKILL')
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  })
  const highest = memory ? watchMemory(child) : undefined
  const read = Object.values(kept).map(({ stream }) => stream && new Promise((done) => stream.once('close', done)))
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    await Promise.all(read)
    if (isLate) {
      const said = `${text(kept.stdout).slice(-2000)}\n${text(kept.stderr)}`
      throw new Error(`not ended after ${timeoutMs} ms: ${words.join(' ')}\n${said}`)
    }
    const output = { stdout: Buffer.concat(kept.stdout.chunks), stderr: text(kept.stderr) }
    return { code, signal, ...output, ...(highest && { maxRssKb: highest() }) }
  } finally {
    inTime()
  }
}

function said({ chunks, stream }: Kept, pattern: RegExp, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (act: () => void) => {
      inTime()
      stream?.off('data', look).off('close', over)
      act()
    }
    const look = () => {
      if (pattern.test(text({ chunks }))) done(() => resolve(text({ chunks })))
    }
    const failed = (how: string) =>
      done(() => reject(new Error(`${how} without ${pattern}; it said:\n${text({ chunks })}`)))
    const over = () => failed('it ended')
    const inTime = deadline(timeoutMs, () => failed(`${timeoutMs} ms passed`))
    stream?.on('data', look).once('close', over)
    look()
    if (stream?.closed) over()
  })
}
