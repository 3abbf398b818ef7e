// oclif.manifest.json: every command's flags and help, so that oclif need not load the commands to know them. Of what
// `oclif manifest` writes, made without that package's 300 dependencies.
//
//   node scripts/manifest.mjs           writes it, of what is in dist/
//   node scripts/manifest.mjs --check   ends with 1 when what is there is stale
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(dirname(import.meta.filename), '..')
const file = join(root, 'oclif.manifest.json')
const { Plugin } = createRequire(import.meta.url)('@oclif/core/config')
const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true })
await plugin.load()
const text = `${JSON.stringify(plugin.manifest, null, 2)}\n`

if (process.argv[2] !== '--check') writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('oclif.manifest.json is stale: npm run manifest\n')
  process.exitCode = 1
}
