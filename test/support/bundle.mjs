// Bundles a file of TypeScript as the build does: `node bundle.mjs FILE TO`. A program of its own, so that no service of
// esbuild's stays behind in a test's process.
import { build } from 'esbuild'
import { scriptFiles } from '../../scripts/script-text.cjs'

const [file, outfile] = process.argv.slice(2)
const common = { bundle: true, platform: 'node', format: 'cjs', packages: 'external' }
await build({ entryPoints: [file], outfile, ...common, plugins: [scriptFiles], logLevel: 'error' })
