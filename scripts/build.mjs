// Builds dist/main.js (one bundle, no dependency left to install) and oclif.manifest.json.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)

/**
 * dockerode loads gRPC and protobuf for BuildKit sessions and ssh2 for its own ssh:// (which checks no host key).
 * We use neither: ssh:// goes through `docker system dial-stdio`. Left out, start-up is 60 ms shorter.
 */
const leaveOut = {
  name: 'leave-out',
  setup(b) {
    b.onResolve({ filter: /^(@grpc\/grpc-js|@grpc\/proto-loader|cpu-features|.*sshcrypto\.node)$/ }, (a) => ({
      path: a.path,
      namespace: 'left-out',
    }))
    b.onResolve({ filter: /^ssh2$/ }, (a) =>
      /docker-modem/.test(a.importer) ? { path: a.path, namespace: 'left-out' } : undefined,
    )
    b.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}' }))
  },
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts', 'src/dl.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [leaveOut],
})

writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), licences(result.metafile))
await writeManifest()

/** The licence text of every package that ended up in the bundle. */
function licences(metafile) {
  const packages = new Set()
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (found) packages.add(found[1])
  }
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const text = [
        'LICENSE',
        'LICENSE.md',
        'LICENSE.txt',
        'LICENCE',
        'license',
        'License',
        'LICENSE-MIT.txt',
        'license.md',
      ]
        .map((file) => tryRead(join(root, folder, file)))
        .find((found) => found !== undefined)
      return `${name} ${version} (${license})\n\n${text ?? 'No licence file in the package.'}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function tryRead(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** What `oclif manifest` writes, without that package's 300 dependencies. */
async function writeManifest() {
  rmSync(join(root, 'oclif.manifest.json'), { force: true })
  const { Plugin } = require('@oclif/core/config')
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true })
  await plugin.load()
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
}
