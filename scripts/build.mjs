// Builds dist/: main.js, complete.js, dl.js and what they load when it is needed; no dependency left to install.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { allCommands, commandsModule } from './commands.mjs'
import { librariesLate, ourLate } from './late.mjs'
import { cutInParts } from './parts.mjs'
import { madeChange, patch, requireChanges } from './patch.mjs'
import { scriptFiles } from './script-text.cjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** A module of which nothing is loaded. */
const leave = (path, what = path) => {
  madeChange(what)
  return { path, namespace: 'left-out' }
}

/**
 * dockerode loads gRPC and protobuf for BuildKit sessions and ssh2 for its own ssh:// (which checks no host key).
 * We use neither: ssh:// goes through `docker system dial-stdio`. Nor has it folders to pack.
 */
const leaveOut = {
  name: 'leave-out',
  setup(b) {
    b.onResolve(
      {
        filter:
          /^(@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|@balena\/dockerignore|tar-fs|cpu-features|.*sshcrypto\.node)$/,
      },
      ({ path }) => leave(path),
    )
    b.onResolve({ filter: /^\.\/session$/ }, ({ path, importer }) =>
      /dockerode/.test(importer) ? leave(path, "dockerode's ./session") : undefined,
    )
    b.onResolve({ filter: /^ssh2$/ }, ({ path, importer }) =>
      /docker-modem/.test(importer) ? leave(path, "docker-modem's ssh2") : undefined,
    )
    // oclif's errors and flags reach for its whole help, for a handler and a flag that we do not use.
    b.onResolve({ filter: /^\.\/(handle|help)$/ }, ({ path, importer }) =>
      /@oclif[\\/]core[\\/]lib[\\/](errors[\\/]index|flags)\.js$/.test(importer)
        ? leave(path, `oclif's ${path}`)
        : undefined,
    )
    // Looks at process.stderr at its first line, which makes a pipe there non-blocking for everybody who shares it.
    b.onResolve({ filter: /^debug$/ }, (a) => ({ path: a.path, namespace: 'silent' }))
    b.onLoad({ filter: /.*/, namespace: 'silent' }, () => ({
      contents: 'module.exports = () => Object.assign(() => {}, { enabled: false, extend: module.exports })',
    }))
    // What it is on every Node that we run on.
    b.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }))
    b.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** A line of a library that costs more than it gives, or gives too little. */
const patched = {
  name: 'patched',
  setup(b) {
    // It describes each request at length for a debugger that is not there.
    b.onLoad({ filter: /docker-modem[\\/]lib[\\/]modem\.js$/ }, ({ path }) => ({
      contents: patch(path, ["debug('Sending: %s',", "debug.enabled && debug('Sending: %s',"]),
    }))
    // A command is one packet. As long as OpenSSH takes them, and as the kernel takes a command (128 KiB). And the kernel
    // is asked for random bytes for each packet, which takes as long as encrypting it.
    b.onLoad({ filter: /ssh2[\\/]lib[\\/]protocol[\\/]crypto\.js$/ }, ({ path }) => ({
      contents: patch(
        path,
        ['MAX_PACKET_SIZE = 35000', 'MAX_PACKET_SIZE = 256 * 1024'],
        ['randomFillSync(packet', `require(${JSON.stringify(join(root, 'src/lib/ssh/padding.ts'))}).pad(packet`],
      ),
    }))
  },
}

/** Whole libraries and oclif's help stand in files of their own, which Node reads when they are meant. */
const apart = {
  name: 'apart',
  setup(b) {
    const files = { ssh2: './ssh2.js', yaml: './yaml.js', prompts: './prompts.js', 'command-help': './command-help.js' }
    b.onResolve({ filter: /(^ssh2|^yaml|^@inquirer\/prompts|\/command-help)$/ }, ({ path, kind, importer }) =>
      kind === 'entry-point' || importer.endsWith('entry/prompts.ts')
        ? undefined
        : { path: files[basename(path)], external: true },
    )
  },
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
const result = await bundle({
  complete: 'src/entry/complete.ts',
  dl: 'src/entry/dl.ts',
  cleanup: 'src/entry/cleanup.ts',
  commands: allCommands,
  ssh2: 'ssh2',
  yaml: 'yaml',
  prompts: './src/entry/prompts.ts',
  'command-help': './src/cli/help/command-help.ts',
  // For scripts/demo.mjs alone.
  'demo-engine': 'src/entry/demo-engine.ts',
})
const whole = await bundle({ main: 'src/entry/main.ts' })
const parts = cutInParts('src/entry/main.ts', whole.metafile.inputs, root)
const bundled = await Promise.all(Object.entries(parts).map(([name, part]) => bundlePart(name, part)))

/** Those that src/entry/boot.ts runs. */
const booted = [...Object.keys(parts), 'complete', 'dl']
const hashes = {}
for (const { path, text } of [result, ...bundled].flatMap(({ outputFiles }) => outputFiles)) {
  const name = basename(path, '.js')
  const program = ascii(text)
  if (booted.includes(name)) {
    hashes[name] = createHash('sha256').update(program).digest('hex').slice(0, 16)
    write(path, asFunction(program, hashes[name]))
  } else write(path, program)
}
const boot = await bundle({ boot: 'src/entry/boot.ts' }, { define: { hashes: JSON.stringify(hashes) } })
for (const { path, text } of boot.outputFiles) write(path, text)
requireChanges([
  ...['@balena/dockerignore', 'protobufjs', 'tar-fs', 'cpu-features', './crypto/build/Release/sshcrypto.node'],
  ...["dockerode's ./session", "docker-modem's ssh2", "oclif's ./handle", "oclif's ./help"],
  ...['docker-modem/lib/modem.js', 'docker-modem/lib/http.js', 'dockerode/lib/util.js'],
  'ssh2/lib/protocol/crypto.js',
])

function bundlePart(name, { stdin, plugin }) {
  return bundle(undefined, { stdin, outdir: undefined, outfile: `dist/${name}.js` }, [plugin])
}

function bundle(entryPoints, more, first = []) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    charset: 'ascii',
    supported: { 'dynamic-import': false },
    // Less to read for Node; names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [...first, scriptFiles, commandsModule, leaveOut, apart, patched, ourLate, librariesLate],
    ...more,
  })
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/**
 * What Node makes of a module: done here, so that half a megabyte need not be copied for it at every start. In front
 * stands which it is: boot is told, and runs no other.
 */
function asFunction(text, hash) {
  return `/*${hash}*/(function(exports,require,module,__filename,__dirname){${text}\n})`
}

/** Which boot reads as latin1. esbuild leaves other letters where an escape could mean something else. */
function ascii(text) {
  return text.replace(/[^\x00-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), licences([result, whole]))
// Node looks for the nearest above each file, and reads it; ours at the top is long. There is one in bin/, too.
writeFileSync(join(root, 'dist', 'package.json'), '{ "type": "commonjs" }\n')
writeFileSync(join(root, 'dist', 'docker-plugin.json'), `${JSON.stringify(pluginMetadata())}\n`)

/** The licence text of every package that ended up in the bundle. */
function licences(results) {
  const packages = new Set()
  for (const input of results.flatMap(({ metafile }) => Object.keys(metafile.inputs))) {
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

/** What Docker's client asks of a plugin before it runs one: `bin/run.js docker-cli-plugin-metadata`. */
function pluginMetadata() {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {
    SchemaVersion: '0.1.0',
    Vendor: 'docker-bash',
    Version: version,
    ShortDescription: description.replace(/:.*/, ''),
  }
}
