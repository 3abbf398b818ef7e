/** Code of ours run as a process of its own, where the engine's containers can be reached: to stop it, or end it, at a line. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { launch, type Running } from './child'
import { root, sharedEngine } from './engine'
import { type Environment, surroundings, within } from './environment'

/** @param file a TypeScript file, from the project's root */
export function libChild(file: string, args: readonly string[], env: Environment): Running {
  const folder = join(root, 'node_modules', '.cache', 'docker-bash-tests')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${file.replaceAll('/', '-')}.${process.pid}.cjs`)
  execFileSync(process.execPath, [join(root, 'test/support/bundle.mjs'), join(root, file), outfile])
  const place = sharedEngine()
  const around = surroundings(env, place)
  const running = launch(within(place, [process.execPath, outfile, ...args]), around.env, {
    input: 'open',
    timeoutMs: 60_000,
  })
  running.ended
    .finally(() => {
      around.clear()
      rmSync(outfile, { force: true })
    })
    .catch(() => {})
  return running
}
