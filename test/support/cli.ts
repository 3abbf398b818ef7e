/** Runs the built programs as children, in a clean environment, where the engine's containers can be reached. */
import { join } from 'node:path'
import { type ChildOptions, launch, type Result, type Running } from './child'
import { type Place, root, sharedEngine } from './engine'
import { type Environment, surroundings, within } from './environment'

export type { Result, Running }

export interface RunOptions extends ChildOptions {
  /** Added to a clean environment; `undefined` takes away. */
  env?: Environment
  /** Which engine; default: the shared one. */
  place?: Place
  /** A program that runs it, such as `setpriv` with its words. */
  under?: readonly string[]
  /** Another Node to run it with. */
  node?: string
  /** Another program in its stead. */
  program?: string
}

/** `docker-bash ARGS…` to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return start(args, options).ended
}

/** `docker-bash ARGS…`, alive. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  if (options.program) return begin([options.program, ...args], options)
  const program = process.env.DOCKER_BASH_TEST_PROGRAM ?? join(root, 'bin', 'run.js')
  return begin([options.node ?? process.execPath, '--', program, ...args], options)
}

/** `dl ARGS…` to its end. */
export function dl(args: readonly string[] = [], options: RunOptions = {}): Promise<Result> {
  return begin([options.node ?? process.execPath, '--', join(root, 'bin', 'dl.js'), ...args], options).ended
}

/** Docker's own client, as Debian's docker.io has it, to its end: what is as in `docker exec` is held against it. */
export function dockerClient(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return begin(['/usr/bin/docker', ...args], options).ended
}

/** A command line as typed, by bash, with `docker-bash` and `dl` in PATH. Its pipes are real ones, not sockets. */
export function shell(line: string, options: RunOptions = {}): Promise<Result> {
  return begin(['bash', '-c', line], options).ended
}

function begin(words: readonly string[], options: RunOptions): Running {
  const place = options.place ?? sharedEngine()
  const { env, clear } = surroundings(options.env, place)
  const running = launch(within(place, [...(options.under ?? []), ...words]), env, {
    ...options,
    cwd: options.cwd ?? env.HOME ?? '/',
  })
  running.ended.finally(clear).catch(() => {})
  return running
}
