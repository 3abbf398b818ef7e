import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { CodeCache } from './code-cache'

/** What stands behind one of bin/. */
interface Program {
  main(argv: readonly string[]): Promise<void>
  /** See src/ran.ts. */
  readonly ran: readonly string[]
}

/** By the name of each program, a hash of its text: the build fills it in. */
declare const hashes: Readonly<Record<string, string>>

/**
 * Runs the program in a file beside this one, by V8's code for it that an earlier run has left.
 * @param usual the command that is meant when none is named
 */
export async function boot(name: string, usual: string): Promise<void> {
  const argv = process.argv.slice(2)
  const filename = join(__dirname, `${name}.js`)
  // The build writes a function of ASCII only, which latin1 reads without a look at each byte.
  const text = readFileSync(filename, 'latin1')
  const cache = new CodeCache({ name, hash: hashes[name] ?? '', usual }, argv)
  const script = new Script(text, { filename, ...(cache.data && { cachedData: cache.data }) })
  const module = { exports: {} as Program }
  script.runInThisContext()(module.exports, require, module, filename, __dirname)
  const { main, ran } = module.exports
  cache.keepUp(script, () => ran)
  await main(argv)
  // All that was to be written is written by now. Left to itself, Node would wait for what nobody needs any more (an ssh
  // that still looks for its host, a command that cannot be ended), and take its heap apart, piece by piece.
  process.exit()
}
