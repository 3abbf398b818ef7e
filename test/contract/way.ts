/** One row of the contract's table: a transport into a kind of container. */

import type { TransportName } from '../../src/lib/model'
import { type Result, type Running, type RunOptions, run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import type { ImageName } from '../support/engine'

export interface Way {
  /** `client`: by an SSH client and `docker-bash proxy`. */
  readonly via: TransportName | 'client'
  readonly image: ImageName
  /** How the container is made; default: it stays, from the image. */
  readonly make?: (env: string[]) => Promise<Container>
  /** More flags, before TARGET. */
  readonly flags?: readonly string[]
  /** A program that runs docker-bash, with its words, such as `setpriv`. */
  readonly under?: () => readonly string[]
  /** Makes a program that takes docker-bash's words in its stead, and returns its path. */
  readonly program?: () => Promise<string>
  /** What the same transport has shown elsewhere: fewer values each. */
  readonly brief?: boolean
  /** Checks that do not hold, by their titles: asserted to fail as is said here, so that the table stays true. */
  readonly exceptions?: Readonly<Record<string, { readonly because: string; readonly failure: RegExp }>>
}

/** What the container's own environment holds: things that a shell on the way would drop or change. */
export const trickyEnv = ['plain=1', 'dotted.name=a b', 'UID=7', 'OLDPWD=/old', 'multi=one\ntwo', 'quoted="\'$HOME`\\']

/** Runs docker-bash in the way's container. */
export interface Inside {
  readonly way: Way
  container: Container
  /** What is typed before the flags: `docker-bash`, with what runs it. */
  typed(): readonly string[]
  /** `docker-bash FLAGS CONTAINER WORDS…` */
  run(words: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Promise<Result>
  start(words: readonly string[], options?: RunOptions & { flags?: readonly string[] }): Running
  /** A bash command line in which `$IN` stands for `docker-bash FLAGS CONTAINER`. */
  line(text: string, options?: RunOptions): Promise<Result>
}

export function inside(way: Way): Inside {
  const flags = ['--via', way.via, ...(way.flags ?? [])]
  let program: string | undefined
  const around = () => ({ ...(way.under && { under: way.under(), cwd: '/' }), ...(program && { program }) })
  const self: Inside = {
    way,
    typed: () => [...(way.under?.() ?? []), program ?? 'docker-bash'],
    container: undefined as unknown as Container,
    run: (words, options = {}) =>
      run([...flags, ...(options.flags ?? []), self.container.name, ...words], { ...around(), ...options }),
    start: (words, options = {}) =>
      start([...flags, ...(options.flags ?? []), self.container.name, ...words], { ...around(), ...options }),
    line: (text, options = {}) =>
      // The folder that it begins in is ours alone.
      shell(way.under ? `chmod 755 .; ${text}` : text, {
        ...options,
        env: { IN: [...self.typed(), ...flags, self.container.name].join(' '), ...options.env },
      }),
  }
  beforeAll(async () => {
    program = await way.program?.()
    self.container = way.make ? await way.make(trickyEnv) : await container({ image: way.image, env: trickyEnv })
  })
  return self
}

/** A check of the contract: `test`, but one that is an exception of this way has to fail. */
export function check(way: Way, title: string, body: () => Promise<void>, timeoutMs?: number): void {
  const exception = way.exceptions?.[title]
  if (exception === undefined) test(title, body, timeoutMs)
  else
    test(
      `${title}: not so, because ${exception.because}`,
      () => expect(body()).rejects.toThrow(exception.failure),
      timeoutMs,
    )
}
