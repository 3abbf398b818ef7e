// dist/commands.js: every command's class by oclif's ID, for its help and manifest. A run loads only the command that is
// meant, by src/commands/registry.ts; oclif wants all of them at once, so they are read from there.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'commands')

/** An entry point for esbuild, of `commandsModule`. */
export const allCommands = 'all-commands'

/** An esbuild plugin. */
export const commandsModule = {
  name: 'commands',
  setup(b) {
    b.onResolve({ filter: new RegExp(`^${allCommands}$`) }, ({ path }) => ({ path, namespace: allCommands }))
    b.onLoad({ filter: /.*/, namespace: allCommands }, () => ({
      contents: moduleText(readFileSync(join(folder, 'registry.ts'), 'utf8')),
      resolveDir: folder,
    }))
  },
}

/** @param registry the text of src/commands/registry.ts @throws when a line of its table is in no form that is known */
function moduleText(registry) {
  const table = /^const loaders.* = \{\n([\s\S]*?)\n\}/m.exec(registry)?.[1]
  if (table === undefined) throw new Error('there is no table of loaders in src/commands/registry.ts')
  const imported = Object.fromEntries(
    [...registry.matchAll(/^import (\w+) from '(\.\/[^']+)'$/gm)].map(([, name, path]) => [name, path]),
  )
  const entries = table
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, quoted, bare, late, name] =
        /^ {2}(?:'([^']+)'|(\w+)): \(\) => (?:import\('([^']+)'\)|Promise\.resolve\(\{ default: (\w+) \}\)),$/.exec(
          line,
        ) ?? []
      const path = late ?? imported[name]
      if (path === undefined) throw new Error(`not a loader, in src/commands/registry.ts: ${line}`)
      return `${JSON.stringify((quoted ?? bare).replaceAll(' ', ':'))}: require(${JSON.stringify(path)}).default,`
    })
  return `exports.COMMANDS = {\n${entries.join('\n')}\n}`
}
