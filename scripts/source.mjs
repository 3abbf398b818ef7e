// node scripts/source.mjs FOLDER: docker-bash as it stands in src/, with nothing of what the build does to it: each
// file by itself, loaded in the order it is written in, with its libraries whole and as they are published. Tests run
// it beside the built one.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { files, scriptText } from './script-text.cjs'

const root = dirname(import.meta.dirname)
const [, , folder] = process.argv
const src = join(root, 'src')
const out = join(folder, 'src')

await build({
  entryPoints: readdirSync(src, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(src, name)),
  outdir: out,
  outbase: src,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // As everywhere in dist/: where the programs lie.
  define: { __dirname: JSON.stringify(out) },
  // To be found without `.js`.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
})
// Node takes a file of whatever name for JavaScript.
for (const name of readdirSync(src, { recursive: true }).filter((name) => files.test(name))) {
  writeFileSync(
    join(out, name),
    `module.exports = ${JSON.stringify(scriptText(readFileSync(join(src, name), 'utf8'), name))}\n`,
  )
}
// Where dist/ has it: beside the others.
writeFileSync(join(out, 'cleanup.js'), "require('./entry/cleanup')\n")
cpSync(join(root, 'package.json'), join(folder, 'package.json'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
mkdirSync(join(folder, 'bin'))
writeFileSync(
  join(folder, 'bin', 'docker-bash'),
  `#!/bin/sh
':' //; exec node -- "$0" "$@"
require('../src/entry/main').main(process.argv.slice(2)).then(() => process.exit())
`,
  { mode: 0o755 },
)
