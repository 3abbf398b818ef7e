import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { CodeCache } from './code-cache'

/** What stands behind one of bin/. */
interface Program {
  main(argv: readonly string[]): Promise<void>
  /** See src/cli/run-profile.ts. */
  readonly ran: readonly string[]
}

/** A program, or what it is in need of now and then: a file of many modules. */
interface Part extends Partial<Program> {
  /** One of its modules, by its path. */
  part?(path: string): unknown
}

/** By the name of each file that is run here, a hash of its text: the build fills it in. */
declare const hashes: Readonly<Record<string, string>>

/**
 * Runs the program in a file beside this one, by V8's code for it that an earlier run has left.
 * @param usual the command that is meant when none is named
 */
export async function boot(name: string, usual: string): Promise<void> {
  const argv = process.argv.slice(2)
  const parts: Record<string, Part> = {}
  // Each module of ours asks for them again, and each time Node goes a long way to find the same.
  const builtins = new Map<string, unknown>()
  let kinds: readonly string[] = []

  /** Node's own, but for a module of the other part: `rest:src/cli/list.ts` (scripts/parts.mjs). */
  function requirePart(id: string): unknown {
    const known = builtins.get(id)
    if (known !== undefined) return known
    const [part = '', path = ''] = id.split(':')
    if (part in hashes) return (parts[part] ?? load(part)).part?.(path)
    const module: unknown = require(id)
    builtins.set(id, module)
    return module
  }

  function load(part: string): Part {
    const filename = join(__dirname, `${part}.js`)
    const hash = hashes[part] ?? ''
    // The build writes a function of ASCII only, which latin1 reads without a look at each byte.
    const text = readFileSync(filename, 'latin1')
    if (!text.startsWith(`/*${hash}*/`)) throw ofAnotherBuild(filename)
    const cache = new CodeCache({ name: part, hash, usual }, argv)
    const script = new Script(text, { filename, ...(cache.data && { cachedData: cache.data }) })
    const module = { exports: {} as Part }
    script.runInThisContext()(module.exports, requirePart, module, filename, __dirname)
    cache.keepUp(script, () => kinds)
    parts[part] = module.exports
    return module.exports
  }

  const { main, ran } = load(name) as Program
  kinds = ran
  await main(argv)
  // All that was to be written is written by now. Left to itself, Node would wait for what nobody needs any more (an ssh
  // that still looks for its host, a command that cannot be ended), and take its heap apart, piece by piece.
  process.exit()
}

/** For src/cli/output/errors.ts, which is not here to make one of ours. */
function ofAnotherBuild(file: string): Error {
  const hint = 'docker-bash was updated while it ran: run it again'
  return Object.assign(new Error(`${file} belongs to another build`), { hint })
}
