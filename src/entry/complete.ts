import { readFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { completedWords, isPlugin } from '../cli/docker-plugin/argv'
import { report } from '../cli/output/errors'
import { packaged } from '../cli/package-path'
import { ran } from '../cli/run-profile'
import { askEngine } from '../lib/complete/ask'
import { candidatesFor, type World } from '../lib/complete/candidates'
import { definitionsOf } from '../lib/complete/definitions'
import { readLine } from '../lib/complete/position'
import { format, nothing } from '../lib/complete/reply'
import { targetsFor } from '../lib/complete/targets'
import { dockerConfigFolder, locateEndpoint } from '../lib/engine/endpoint'
import { composeProject, here } from '../lib/target/compose'

export { ran } from '../cli/run-profile'

/**
 * `docker-bash __complete WORDS… WORD`: what WORD may become, in the protocol of cobra's `__complete`. A program of its
 * own, since a key has to be answered in a tenth of a second; whatever goes wrong, quietly.
 */
export async function main(argv: readonly string[]): Promise<void> {
  ran.push('complete')
  let text = format(nothing)
  try {
    text = await complete(argv.slice(1))
  } catch (error) {
    if (process.env.DEBUG) report(error)
  }
  for (let bytes = Buffer.from(text); bytes.length > 0; ) bytes = bytes.subarray(writeSync(1, bytes))
}

async function complete(argv: readonly string[]): Promise<string> {
  const { env } = process
  const words = isPlugin(env) ? completedWords(argv, env) : argv
  const word = words.at(-1) ?? ''
  const commands = definitionsOf(JSON.parse(readFileSync(packaged('oclif.manifest.json'), 'utf8')))
  const line = readLine(words.slice(0, -1), word, commands)
  const around = { env, home: homedir(), uid: process.getuid?.() ?? -1 }
  const given = (name: string) => line.flags.findLast((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3)
  const world: World = {
    env,
    dockerConfig: dockerConfigFolder(around),
    targets: async (start, anyState) => {
      const endpoint = locateEndpoint({ host: given('host'), context: given('context') }, around)
      const project = composeProject(here())
      return targetsFor(start, { ...(await askEngine(endpoint, anyState)), project })
    },
  }
  return format(await candidatesFor(line, word, commands, world))
}
