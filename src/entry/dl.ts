import { parseArgs } from 'node:util'
import { engineOf } from '../cli/engine'
import { report } from '../cli/output/errors'
import { print } from '../cli/output/print'
import { ran } from '../cli/run-profile'
import { findContainers } from '../lib/engine/look-up'
import { DockerBashError, messageOf } from '../lib/errors'
import { ask } from '../lib/target/inspect'

export { ran } from '../cli/run-profile'

const usage = `dl: the ID of the newest container, as \`docker ps --latest --quiet\` prints it

  docker-bash \`dl\` echo hello

  --running     the newest that runs
  --full        all 64 digits
  -H, --host URL    --context NAME    the engine
`

/** `dl`. Ends with 1 when there is no container. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = 255
  ran.push('dl')
  try {
    process.exitCode = await dl(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

async function dl(argv: readonly string[]): Promise<number> {
  const { host, context, running, full, help } = flagsOf(argv)
  if (help) {
    await print(usage)
    return 0
  }
  const engine = engineOf({ host, context })
  // As Docker's client asks: the newest in any state, whatever else is running.
  const [newest] = await ask(engine, findContainers(engine, running ? undefined : { limit: 1 }))
  if (!newest) {
    throw new DockerBashError(running ? 'no container is running' : 'there is no container', {
      hint: 'docker-bash ls --all shows what there is',
      code: 1,
    })
  }
  await print(`${full ? newest.Id : newest.Id.slice(0, 12)}\n`)
  return 0
}

function flagsOf(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        running: { type: 'boolean' },
        full: { type: 'boolean' },
        host: { type: 'string', short: 'H' },
        context: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new DockerBashError(messageOf(error).split('. ')[0] ?? 'wrong usage', { hint: 'dl --help' })
  }
}
