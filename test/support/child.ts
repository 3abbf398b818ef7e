/** A child process whose output is kept and can be waited for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'

export interface ChildOptions {
  /** What it reads: bytes, a stream, a file descriptor of ours, `open` (a pipe left to the caller). Default: nothing. */
  input?: string | Buffer | Readable | number | 'open'
  /** Where it writes, when that is not a pipe of ours: a file descriptor. */
  stdout?: number
  /** Default true: stdout is kept for the result. Otherwise it is the caller's to read, or not to read. */
  collect?: boolean
  cwd?: string
  /** Default 30,000; past it the child is killed and `ended` rejects. */
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
  /** Settles once it has ended and its output is read. */
  readonly ended: Promise<Result>
}

export function launch(words: readonly string[], env: Record<string, string>, options: ChildOptions = {}): Running {
  const [program = '', ...args] = words
  const { input } = options
  const stdin = typeof input === 'number' ? input : input === undefined ? 'ignore' : 'pipe'
  const child = spawn(program, args, {
    env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: [stdin, options.stdout ?? 'pipe', 'pipe'],
  })
  options.signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  feed(child, input)
  const kept = {
    stdout: keep(options.collect === false ? null : child.stdout),
    stderr: keep(child.stderr),
  }
  const ended = finish(child, words, kept, options)
  // Whoever waits for it gets the error; before that it must not count as unhandled.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin ?? new Writable(),
    stdout: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    said: (pattern, stream = 'stdout', timeoutMs = 10_000) => said(child, kept[stream], pattern, timeoutMs),
    kill: (signal) => {
      child.kill(signal)
    },
    ended,
  }
}

/** A stream's output so far; `change` is called with every piece of it. */
interface Kept {
  readonly chunks: Buffer[]
  readonly stream: Readable | null
}

function keep(stream: Readable | null): Kept {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { chunks, stream }
}

const text = ({ chunks }: Kept) => Buffer.concat(chunks).toString()

function feed(child: ChildProcess, input: ChildOptions['input']): void {
  // It may end without having read all: that is its right, and EPIPE no failure of the test.
  child.stdin?.on('error', () => {})
  if (typeof input === 'string' && input === 'open') return
  if (input instanceof Readable) input.pipe(child.stdin ?? new Writable())
  else if (typeof input !== 'number' && input !== undefined) child.stdin?.end(input)
}

function finish(
  child: ChildProcess,
  words: readonly string[],
  kept: { stdout: Kept; stderr: Kept },
  { timeoutMs = 30_000, memory = false }: ChildOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let highest = 0
    // The kernel keeps the mark as long as the process lives; asking often misses only its last moments.
    const asking =
      memory &&
      setInterval(() => {
        highest = Math.max(highest, highWater(child.pid ?? 0))
      }, 20)
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      child.stdout?.destroy()
      child.stderr?.destroy()
      reject(
        new Error(
          `not ended after ${timeoutMs} ms: ${words.join(' ')}\n${text(kept.stdout).slice(-2000)}\n${text(kept.stderr)}`,
        ),
      )
    }, timeoutMs)
    const over = () => {
      clearTimeout(late)
      if (asking) clearInterval(asking)
    }
    child.once('error', (error) => {
      over()
      reject(error)
    })
    child.once('close', (code, signal) => {
      over()
      const output = { stdout: Buffer.concat(kept.stdout.chunks), stderr: text(kept.stderr) }
      resolve({ code, signal, ...output, ...(memory && { maxRssKb: highest }) })
    })
  })
}

function highWater(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

function said(child: ChildProcess, kept: Kept, pattern: RegExp, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (act: () => void) => {
      clearTimeout(late)
      kept.stream?.off('data', look)
      child.off('close', closed)
      act()
    }
    const look = () => {
      if (pattern.test(text(kept))) done(() => resolve(text(kept)))
    }
    const failed = (how: string) => done(() => reject(new Error(`${how} without ${pattern}; it said:\n${text(kept)}`)))
    const closed = () => failed('it ended')
    const late = setTimeout(() => failed(`${timeoutMs} ms passed`), timeoutMs)
    kept.stream?.on('data', look)
    child.once('close', closed)
    look()
  })
}
