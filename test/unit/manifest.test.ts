/** What the package says of its commands to oclif is what they say of themselves. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

test('oclif.manifest.json is not stale: npm run manifest writes it anew', () => {
  // In a process of its own: it loads the built commands.
  const script = join(__dirname, '../../scripts/manifest.mjs')
  execFileSync(process.execPath, [script, '--check'], { stdio: ['ignore', 'inherit', 'inherit'] })
})
