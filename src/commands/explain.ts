import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../command'
import { reachEngine } from '../engine'
import { explain } from '../explain'
import { warnOfExposure } from '../exposure'
import { engineFlags, jsonFlag, requestFlags } from '../flags'
import { judgeAll } from '../lib/plan'
import { factsOf } from '../lib/target/facts'
import { parseTarget } from '../lib/target/parse'
import { resolve } from '../lib/target/resolve'
import { withRuntime } from '../lib/target/runtime'
import { seenOf } from '../lib/target/seen'
import { findShells } from '../lib/target/shells'
import { transports } from '../lib/transport/order'
import { print } from '../print'
import { sshFlags, withSshd } from '../ssh'

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
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    user: requestFlags.user,
    via: requestFlags.via,
    ...sshFlags,
    ...compareFlag,
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain)
    const ref = parseTarget(args.target)
    const engine = await reachEngine(flags)
    const found = await resolve(engine, ref, { cwd: process.cwd(), env: process.env })
    const held = withRuntime(found)
    const shells = await findShells(engine, held, flags.user)
    const { target, ssh } = await withSshd(engine, { ...held, shells }, flags, true)
    const ways = transports(engine, {
      findShell: () => Promise.resolve(shells[0]),
      pidNow: () => Promise.resolve(target.pid),
      size: undefined,
      detachKeys: undefined,
      ssh,
      note: () => undefined,
      warn: () => undefined,
    })
    const request = {
      command: [],
      env: [],
      tty: true,
      stdin: true,
      ...(flags.user && { user: flags.user }),
      ...(flags.via !== 'auto' && { via: flags.via }),
    }
    const judged = judgeAll(target, request, ways)
    ssh.reach?.road?.stream.destroy()
    await warnOfExposure(engine, [target])
    if (flags.compare) {
      const { compare } = await import('../compare')
      const own = [
        ['host', flags.host],
        ['context', flags.context],
        ['identity', flags.identity],
        ['user', flags.user],
      ] as const
      const again = own.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
      return print(await compare(target, judged.verdicts, again))
    }
    const facts = factsOf(await engine.docker.getContainer(target.id).inspect(), seenOf(target))
    await print(
      flags.json
        ? `${JSON.stringify({ ...judged, facts, engine: engine.endpoint.host }, null, 2)}\n`
        : explain(judged, facts),
    )
  }
}
