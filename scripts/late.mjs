// esbuild plugins that have each module loaded when it is first used: a run then pays for what it does, no more.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import babel from '@babel/core'
import { transform } from 'esbuild'
import { patch } from './patch.mjs'
import { scriptText } from './script-text.cjs'

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')

/** As they stand: of a library whose names are only passed on the rest is left out; boot always uses all it has. */
const asTheyStand = ['prompts.ts', 'boot.ts', 'code-cache.ts'].map((file) => join(src, 'entry', file))

/**
 * Our own modules: each becomes a function of its own, and each import of it a call at the first use of a name.
 * esbuild by itself would put all of them into one scope, whose thousand functions are made at every start.
 */
export const ourLate = {
  name: 'our-late',
  setup(b) {
    b.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(`${src}/`) || asTheyStand.includes(path)) return undefined
      if (!transformed.has(path)) transformed.set(path, await moduleOf(path))
      return { contents: transformed.get(path), loader: 'js', resolveDir: dirname(path) }
    })
  },
}

/** Most modules stand in several of the files in dist/. */
const transformed = new Map()

async function moduleOf(path) {
  const { code } = await transform(withScripts(path), { loader: 'ts', target: 'node20.19' })
  // A module of ours has its default under that name; those of others may be of either kind.
  const importInterop = (name) => (name.startsWith('.') ? 'none' : 'babel')
  const plugins = [['@babel/plugin-transform-modules-commonjs', { lazy: () => true, importInterop }]]
  const late = await babel.transformAsync(code, { plugins, configFile: false, babelrc: false, compact: false })
  return late.code
}

/** With the text of a script where its import was: as a module it would be half a wrapper. */
function withScripts(path) {
  const imported = /^import (\w+) from '(\.[^'\n]+\.(?:pl|sh))'$/gm
  return readFileSync(path, 'utf8').replace(imported, (_, name, file) => {
    const text = scriptText(readFileSync(join(dirname(path), file), 'utf8'), file)
    return `const ${name} = ${JSON.stringify(text)}`
  })
}

/**
 * Libraries that load at their first line what one run in a hundred needs. Each `const name = require('…')` of theirs
 * becomes a function that loads it at the first use of the name. oclif is written by the TypeScript compiler, whose
 * names for modules (`errors_1`) stand for nothing else. Of dockerode's, two of Node's own cost most.
 */
export const librariesLate = {
  name: 'libraries-late',
  setup(b) {
    b.onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => ({
      contents: loadLate(readFileSync(path, 'utf8')),
    }))
    for (const [file, module, call] of [
      [/docker-modem[\\/]lib[\\/]http\.js$/, 'https', 'request'],
      [/dockerode[\\/]lib[\\/]util\.js$/, 'zlib', 'createGzip'],
    ]) {
      const eager = `require('${module}')`
      b.onLoad({ filter: file }, ({ path }) => ({
        contents: patch(path, [eager, `{ ${call}() { return ${eager}.${call}(...arguments) } }`]),
      }))
    }
  },
}

function loadLate(source) {
  const declared = /^(?:const|var) (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm
  const names = [...source.matchAll(declared)].map(([, name]) => name)
  if (names.length === 0) return source
  const functions = source.replace(
    declared,
    (_, name, load) => `let ${name}$loaded; function ${name}$() { return ${name}$loaded ??= ${load} }`,
  )
  return functions.replace(new RegExp(`(?<![.\\w$'"])(${names.join('|')})(?![\\w$'"]|:)`, 'g'), '($1$$())')
}
