import { randomBytes } from 'node:crypto'
import { type Engine, refusalOf, statusOf, supports } from '../../engine/engine'
import { frames } from '../../engine/frames'
import { type HeldContainer, holdContainer } from '../../engine/owned-container'
import { helperLabel } from '../../engine/sweep'
import type { HostConfig } from '../../engine/types'
import { DockerBashError, Ended } from '../../errors'
import type { Target } from '../../model'
import { type Facts, readFacts, type Trouble } from '../../namespaces/proc-snapshot'
import { SupervisorWords } from '../../namespaces/protocol'
import { begin, helperInitArgv } from '../../namespaces/remote'

/** The container that the way goes through, as we hold it: it ends with us, and is removed by its engine. */
export class Helper {
  readonly id: string
  readonly facts: Facts
  /** What the supervisor says, handed on by the init. */
  readonly words: SupervisorWords
  readonly #held: HeldContainer
  #over = false

  private constructor(held: HeldContainer, facts: Facts, words: SupervisorWords) {
    this.id = held.id
    this.facts = facts
    this.words = words
    this.#held = held
    void words.ended.then(() => {
      this.#over = true
    })
  }

  /**
   * @param privileges what it may do
   * @throws DockerBashError when it does not start or cannot do its work
   */
  static async start(engine: Engine, target: Target, image: string, privileges: HostConfig): Promise<Helper> {
    const name = `${target.name}-helper-${randomBytes(3).toString('hex')}`
    const held = await hold(engine, name, target, image, privileges)
    const words = new SupervisorWords()
    const facts = await listen(held, words)
    if (typeof facts !== 'string') return new Helper(held, facts, words)
    await held.release()
    throw troubled(facts, target)
  }

  /** The command has ended, or nobody can tell any more. */
  get isOver(): boolean {
    return this.#over
  }

  /** To the supervisor. */
  say(bytes: Buffer | string): void {
    if (this.#held.stream.writable) this.#held.stream.write(bytes)
  }

  /** The supervisor's exec has ended. What it said is here by now, or soon, unless it never came so far. */
  dismissed(): void {
    const late = setTimeout(() => this.words.fail(new Error('the helper’s supervisor ended without a word')), 2000)
    void this.words.ended.then(() => clearTimeout(late))
  }

  /** Ends the command and all of its session. */
  letGo(): void {
    this.#held.stream.end()
  }

  /** The same, and waits until the container is gone. May be called twice. */
  release(): Promise<void> {
    this.#released ??= this.#held.release()
    return this.#released
  }
  #released: Promise<void> | undefined
}

async function hold(engine: Engine, name: string, target: Target, image: string, privileges: HostConfig) {
  try {
    return await holdContainer(engine, name, {
      Image: image,
      Entrypoint: helperInitArgv(target.pid),
      Cmd: [],
      User: '0:0',
      WorkingDir: '/',
      AttachStdout: true,
      // For a network of its own, even an empty one, the engine would run itself once more before the first process starts.
      NetworkDisabled: true,
      Labels: { [helperLabel]: target.id },
      HostConfig: {
        ...privileges,
        ...{ AutoRemove: true, PidMode: 'host', NetworkMode: 'none', UsernsMode: 'host' },
        // On control groups of the second version it would otherwise see its own as their root.
        ...(supports(engine, 41) && { CgroupnsMode: 'host' }),
        // What it says is for us only.
        LogConfig: { Type: 'none', Config: {} },
      },
    })
  } catch (error) {
    if (statusOf(error) === undefined) throw error
    throw new DockerBashError(`no helper container of the image ${image}: ${refusalOf(error)}`, {
      hint: `docker-bash explain ${target.name} shows the ways in that need none`,
      cause: error,
    })
  }
}

/** Resolves with the facts; what comes behind them is the supervisor's. */
function listen({ stream }: HeldContainer, words: SupervisorWords): Promise<Facts | Trouble> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0)
    let known = false
    const split = frames((_, bytes) => {
      if (known) return words.take(bytes)
      held = Buffer.concat([held, bytes])
      const read = readFacts(held)
      if (!read) return
      known = true
      words.take(read.behind)
      resolve(read.facts)
    })
    stream.on('data', split)
    stream.write(begin)
    stream.once('close', () => {
      const error = new DockerBashError('the helper container ended before the command began', {
        hint: 'docker events --since 1m shows what its engine made of it',
      })
      words.fail(error)
      reject(error)
    })
  })
}

function troubled(trouble: Trouble, { name }: Target): DockerBashError {
  const fail = (message: string, hint: string) => new DockerBashError(message, { hint })
  switch (trouble) {
    case 'gone':
      return new Ended(name)
    case 'perl':
      return fail(
        'the way by namespaces takes /usr/bin/perl, and there is none on the engine’s host',
        `name an image that has one: docker-bash --via nsenter --helper --toolbox IMAGE ${name}`,
      )
    case 'copy':
      return fail('the helper container cannot write to its own files', 'its engine may have no room left on its disk')
    case 'machine':
      return fail('the engine’s host is neither x86-64 nor arm64', `docker-bash --via exec ${name}`)
  }
}
