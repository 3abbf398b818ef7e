import { readSettings } from '../../lib/config/settings'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError, messageOf } from '../../lib/errors'
import type { Target } from '../../lib/model'
import { plan } from '../../lib/plan'
import { here } from '../../lib/target/compose'
import { pidOf } from '../../lib/target/offline'
import { parseTarget } from '../../lib/target/parse'
import { resolve } from '../../lib/target/resolve'
import { findShells } from '../../lib/target/shells'
import { terminalSize } from '../../lib/terminal/size'
import { transports } from '../../lib/transport/order'
import { chosenToolbox } from '../debug/toolbox-flags'
import { tellAfterword, whereOf } from '../find-target'
import { say } from '../output/errors'
import { mayAsk } from '../prompt/interactive'
import { describe, type RequestFlags, requestOf, runPlanOrNext } from '../run-session'
import type { SshChoice } from '../ssh-options'
import { reach } from './reach'

export interface EnterFlags extends RequestFlags, EndpointChoice, SshChoice {
  readonly via: SshChoice['via']
  readonly latest: boolean
  readonly 'detach-keys'?: string | undefined
  readonly toolbox?: string | undefined
  readonly verbose: boolean
}

/**
 * A shell or a command in a container, from its flags to its ending.
 * @param word TARGET; without one and without --latest somebody at the terminal chooses
 * @returns the exit code
 */
export async function enter(word: string | undefined, words: readonly string[], flags: EnterFlags): Promise<number> {
  const set = readSettings()
  const picks = !flags.latest && word === undefined
  if (picks && (flags['no-stdin'] || !mayAsk(set))) {
    throw new DockerBashError('no TARGET', {
      hint: 'docker-bash ls shows what runs; docker-bash -l takes the newest',
    })
  }
  const ref = picks ? undefined : flags.latest ? ({ kind: 'latest' } as const) : parseTarget(word ?? '')
  const asked = requestOf(words, flags)
  const reached = await reach(ref, asked, set, flags)
  const { engine, task, request, ready, login } = reached
  const note = flags.verbose ? say : () => undefined
  if (task) note(whereOf(task))
  const end = { size: request.tty ? terminalSize() : undefined, note, warn: say, detachKeys: flags['detach-keys'] }
  const toolbox = chosenToolbox(flags.toolbox, set)
  if ('stopped' in reached) {
    ready?.dropBut()
    const { runInCopy } = await import('../debug/copy-session')
    const options = { writable: false, keep: false, entrypoint: false, toolbox }
    return runInCopy(reached.engine, reached.stopped, request, options, end)
  }
  const { target } = reached
  const findShell = async () => (await findShells(engine, target, request.user, request.shell))[0]
  const pidNow = async () =>
    engine ? (await resolve(engine, { kind: 'id', text: target.id }, here())).pid : pidOf(target)
  const ways = transports(engine, {
    ssh: { ...end, login },
    runc: { ...end, findShell },
    exec: { ...end, findShell },
    nsenter: { ...end, pidNow, supervisor: ready?.supervisor, toolbox },
    debug: { ...end, pidNow, tools: { toolbox } },
  })
  const chosen = plan(target, request, ways)
  ready?.dropBut(chosen.transport)
  note(describe(chosen))
  if (request.tty) remembered(target, note)
  const code = await runPlanOrNext(ways, chosen, engine)
  // Ended from outside, perhaps: by a signal, or unknown how.
  if (task && (code === 255 || (code > 128 && flags.verbose))) await tellAfterword(task)
  return code
}

/** On top in the picker next time; noted while the session begins. */
function remembered({ id }: Target, note: (text: string) => void): void {
  import('../../lib/recent').then(({ remember }) => remember(id)).catch((error) => note(messageOf(error)))
}
