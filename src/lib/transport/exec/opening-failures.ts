import type { Engine } from '../../engine/engine'
import { inspectExec } from '../../engine/exec'
import { DockerBashError } from '../../errors'
import type { Blocked } from '../../inside/barrier'
import type { Plan } from '../../model'
import { isExecFailure } from '../shared/exec-failure'
import type { Obstacle } from '../shared/obstacle'
import type { Output } from '../shared/output'
import { isMissing } from '../shared/start-failure'
import { notStarted } from './start'

/** Why an opening fails, in words: the order in which it is tried is `opening.ts`. */
export class OpeningFailures {
  readonly #engine: Engine
  readonly #plan: Pick<Plan, 'target' | 'request'>
  /** The first of the words that are to be run. */
  readonly #program: string

  constructor(engine: Engine, plan: Pick<Plan, 'target' | 'request'>, program: string) {
    this.#engine = engine
    this.#plan = plan
    this.#program = program
  }

  /**
   * The barrier did not come.
   * @param said what came instead
   * @param shell that the barrier was to be made of
   * @param isElsewhere the exec begins in another container, and brings tools along: no other shell is tried
   * @returns when the reason is the shell, so that another may be tried
   */
  async withoutBarrier(exec: string, output: Output, said: string, shell: string, isElsewhere: boolean): Promise<void> {
    const { name } = this.#plan.target
    const { broken } = await output.ended
    if (broken !== undefined) throw this.#hungUp(broken)
    if (isExecFailure(said) && !isElsewhere) return
    const state = await inspectExec(this.#engine, exec)
    // The tools' own way in. Whoever looks for them there finds nothing, and says nothing.
    if (isElsewhere && state.code === 127 && said.trim() === '') {
      throw this.#unreached('they come in by its /proc, and there is none')
    }
    if (state.pid !== 0 && !notStarted.test(said)) {
      throw new DockerBashError(`the shell in ${name} ended before the command began, with code ${state.code}`, {
        lines: said.trim().split('\n').slice(-3),
        hint: `docker-bash explain ${name} shows the other ways in`,
      })
    }
    if (!isMissing(said, shell)) throw await this.notStarted(said)
    if (isElsewhere) throw this.#unreached(said.trim())
  }

  #hungUp(why: string): DockerBashError {
    return new DockerBashError(`lost ${this.#plan.target.name} before the command began: ${why}`, {
      hint: 'its engine ended or was restarted, perhaps: docker-bash doctor',
    })
  }

  #unreached(why: string): DockerBashError {
    const { name } = this.#plan.target
    return new DockerBashError(`the tools did not get into ${name}: ${why}`, {
      hint: `docker-bash explain ${name} shows the other ways in`,
    })
  }

  /** The barrier does not find the program, by its status: 127, or 126 for one that cannot be run. */
  async notFound(status: number): Promise<DockerBashError> {
    const { notFound, notRunnable } = await import('../shared/start-errors')
    const { name } = this.#plan.target
    return status === 127 ? notFound(name, this.#program) : notRunnable(name, this.#program)
  }

  /** The kernel would not run the program. */
  async blocked(obstacle: Obstacle): Promise<DockerBashError> {
    const { blocked } = await import('../shared/not-run')
    return blocked(this.#plan.target.name, this.#program, obstacle)
  }

  /** The barrier could not become the command, and has said so. */
  async notBecome(why: Blocked): Promise<DockerBashError> {
    const { notBecome } = await import('../shared/not-run')
    return notBecome(this.#plan.target, this.#plan.request, this.#program, why, this.#engine)
  }

  /** In the words of the engine or its runtime. */
  async notStarted(said: string): Promise<DockerBashError> {
    const { notStarted } = await import('../shared/not-run')
    return notStarted(this.#plan.target, this.#plan.request, said, this.#engine)
  }
}
