import { readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { completedWords, isPlugin } from '../cli/docker-plugin/argv'
import { report } from '../cli/output/errors'
import { packaged } from '../cli/package-path'
import { ran } from '../cli/run-profile'
import { askEngine } from '../lib/complete/ask'
import { candidatesFor } from '../lib/complete/candidates'
import { look } from '../lib/complete/container'
import { definitionsOf } from '../lib/complete/definitions'
import { readLine } from '../lib/complete/position'
import { format, nothing } from '../lib/complete/reply'
import { nameOf, targetsFor } from '../lib/complete/targets'
import type { World } from '../lib/complete/world'
import { dockerConfigFolder, type EndpointChoice, locateEndpoint } from '../lib/engine/endpoint'
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
  const choice = { host: given('host'), context: given('context') }
  const project = () => composeProject(here())
  const world: World = {
    env,
    dockerConfig: dockerConfigFolder(around),
    targets: async (start, anyState) =>
      targetsFor(start, { ...(await askEngine(locateEndpoint(choice, around), anyState)), project: project() }),
    inside: async (target, source) => {
      const from: EndpointChoice = { host: given('from-host'), context: given('from-context') }
      const endpoint = locateEndpoint(source && (from.host ?? from.context) !== undefined ? from : choice, around)
      // By the engine's own rule, unless the word says otherwise or is a service's.
      const plain = target.includes(':') ? undefined : await look(endpoint, target)
      if (plain) return plain
      const name = nameOf(target, { ...(await askEngine(endpoint, false)), project: project() })
      return name === undefined ? undefined : look(endpoint, name)
    },
    names: ownNames,
  }
  return format(await candidatesFor(line, word, commands, world))
}

/** Of this folder. */
function ownNames(start: string): string[] {
  const found = readdirSync('.').filter((name) => name.startsWith(start) && /^[^.-]/.test(name))
  return found.map((name) => (statSync(name, { throwIfNoEntry: false })?.isDirectory() ? `${name}/` : name))
}
