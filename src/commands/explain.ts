import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { explain } from '../cli/explain/format'
import { findTarget, whereOf } from '../cli/find-target'
import { engineFlags, helperFlags, jsonFlag, requestFlags } from '../cli/flags'
import { warnOfExposure } from '../cli/keys/warn-exposed'
import { print, printJson } from '../cli/output/print'
import { sshFlags, withSshd } from '../cli/ssh-options'
import { settle, settled, wayOf } from '../lib/config/resolve-settings'
import { readSettings } from '../lib/config/settings'
import { judgeAll } from '../lib/plan'
import { factsOf } from '../lib/target/container-facts'
import { parseTarget } from '../lib/target/parse'
import { seenOf } from '../lib/target/proc-view'
import { withRuntime } from '../lib/target/runtime'
import { findShells } from '../lib/target/shells'
import type { SwarmTask } from '../lib/target/types'
import { transports } from '../lib/transport/order'

const compareFlag = {
  compare: Flags.boolean({ description: 'every way in side by side, measured in this container', exclusive: ['json'] }),
}

export default class Explain extends Command {
  static override summary = 'every way into a container, which is taken, and why'
  static override examples = [
    'docker-bash explain web',
    'docker-bash explain -u app --via exec web',
    'docker-bash explain --compare web',
    'docker-bash explain --json web',
  ]
  static override anyState = true
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    user: requestFlags.user,
    via: requestFlags.via,
    ...sshFlags,
    ...helperFlags,
    ...compareFlag,
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain)
    const ref = parseTarget(args.target)
    const set = readSettings()
    const { engine, target: found, task } = await findTarget(ref, flags, { word: args.target })
    const held = withRuntime(found)
    const asked = {
      command: [],
      env: [],
      tty: true,
      stdin: true,
      ...(flags.user && { user: flags.user }),
      ...(flags.via !== 'auto' && { via: flags.via }),
      ...(flags.helper && { helper: true }),
    }
    const request = settle(asked, found, set)
    const shells = await findShells(engine, held, request.user, request.shell)
    const { target, ssh } = await withSshd(engine, { ...held, shells }, { ...flags, via: wayOf(request) }, true)
    const ways = transports(engine, {
      findShell: () => Promise.resolve(shells[0]),
      pidNow: () => Promise.resolve(target.pid),
      size: undefined,
      detachKeys: undefined,
      ssh,
      note: () => undefined,
      warn: () => undefined,
    })
    const judged = judgeAll(target, request, ways)
    ssh.reach?.road?.stream.destroy()
    await warnOfExposure(engine, [target])
    if (flags.compare) {
      const { compare } = await import('../cli/explain/compare')
      const own = [
        ['host', flags.host],
        ['context', flags.context],
        ['identity', flags.identity],
        ['user', flags.user],
      ] as const
      const named = own.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
      const again = flags.helper ? [...named, '--helper'] : named
      return print(await compare(target, judged.verdicts, again, task ? `task:${task.id}` : target.id))
    }
    const facts = factsOf(await engine.docker.getContainer(target.id).inspect(), seenOf(target))
    const told = settled(asked, found, set)
    const { host } = engine.endpoint
    if (flags.json) {
      return printJson({ ...judged, settled: told, facts, engine: host, ...(task && { task: shown(task) }) })
    }
    await print(explain(judged, facts, told, task && whereOf(task)))
  }
}

/** A task without the connection that told of it. */
function shown({ name, id, service, node, by }: SwarmTask) {
  return { name, id, service, node: { id: node.id, name: node.name, address: node.address }, by }
}
