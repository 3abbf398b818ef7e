// node scripts/walls.mjs [ROOT]: which room of src/ may import which, held against every import there is, those of types
// too. A part of `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The rooms of src/: what each may import besides itself. Nothing imports `entry`. */
const rooms = {
  entry: ['commands', 'cli', 'lib'],
  commands: ['cli', 'lib'],
  cli: ['lib'],
  lib: [],
}

/** Every room of lib/ may import these, where they are above it. */
const common = ['model', 'clock', 'errors', 'paths', 'text']

/**
 * The rooms of lib/: what each may import besides itself and what is common. A folder, or a file at the top, is a room;
 * so is each transport. `room/file` is that file alone. A room names only those above it, so that there is no circle.
 */
const libRooms = {
  model: [],
  clock: [],
  errors: [],
  paths: [],
  text: [],
  argv: [],
  'system-errors': [],
  plan: [],
  tradeoffs: [],
  files: [],
  env: ['files'],
  recent: ['files'],
  plugin: ['files'],
  inside: [],
  terminal: [],
  host: ['files', 'inside'],
  engine: ['files', 'host', 'system-errors'],
  session: ['host'],
  config: ['files', 'inside', 'engine/endpoint'],
  namespaces: ['host', 'session', 'terminal'],
  // Opened inside, used here.
  sockets: ['host'],
  // Of a container, served to us.
  sftp: ['host'],
  copy: ['engine', 'host/anonymous-file', 'host/force-young-gc', 'sftp'],
  target: ['config', 'engine', 'files', 'host', 'namespaces', 'terminal'],
  ssh: ['engine', 'files', 'host', 'inside', 'session'],
  keys: ['engine', 'files', 'inside', 'ssh', 'target/names'],
  // A key press waits for what it loads.
  complete: [
    ...['argv', 'files', 'engine/contexts', 'engine/endpoint', 'engine/quick-lists'],
    ...['host/container-rootfs', 'host/listeners', 'host/proc'],
  ],
  toolbox: ['engine', 'files', 'host/perl'],
  forward: ['engine', 'host', 'sockets', 'toolbox/perl'],
  image: ['engine', 'files', 'keys', 'ssh', 'toolbox'],
  'transport/shared': ['engine', 'host', 'inside', 'namespaces', 'session', 'ssh'],
  'transport/ssh': ['engine', 'files', 'host', 'inside', 'session', 'ssh', 'transport/shared'],
  'transport/runc': ['host', 'inside', 'session', 'transport/shared'],
  'transport/exec': ['engine', 'host', 'inside', 'session', 'transport/shared'],
  'transport/nsenter': ['engine', 'host', 'inside', 'namespaces', 'session', 'toolbox', 'transport/shared'],
  'transport/debug': ['engine', 'host', 'inside', 'namespaces', 'session', 'toolbox', 'transport/shared'],
  transport: [
    ...['config', 'engine', 'host', 'ssh', 'target', 'transport/shared'],
    ...['transport/ssh', 'transport/runc', 'transport/exec', 'transport/nsenter', 'transport/debug'],
  ],
  fleet: [
    ...['config', 'engine', 'host', 'inside', 'plan', 'session', 'system-errors', 'target', 'terminal'],
    ...['transport/shared', 'transport/exec', 'transport/runc'],
  ],
  gateway: [
    ...[
      'config',
      'engine',
      'files',
      'fleet/glob',
      'fleet/select',
      'forward',
      'host',
      'inside',
      'plan',
      'session',
      'sftp',
      'sockets',
      'ssh',
      'target',
      'toolbox/perl',
    ],
    ...['transport/shared', 'transport/exec', 'transport/runc', 'transport/debug'],
  ],
  doctor: ['complete', 'config', 'engine', 'files', 'gateway/ssh-config', 'host', 'keys', 'plugin', 'ssh'],
}

/** Where each library may be imported: rooms, or a file. */
const libraries = {
  '@inquirer/prompts': ['entry/prompts', 'lib/image', 'lib/terminal'],
  '@noble/hashes': ['lib/ssh'],
  '@oclif/core': ['cli', 'commands'],
  'bcrypt-pbkdf': ['lib/ssh'],
  chalk: ['lib/fleet', 'lib/terminal'],
  dockerode: ['lib/engine'],
  'modern-tar': ['lib/toolbox'],
  ssh2: ['lib/ssh', 'lib/transport/ssh'],
  'string-width': ['lib/terminal'],
  yaml: ['lib/target'],
}

/**
 * Files that are for their own room alone. Those of the engine's are the two clients it is asked by: all others call
 * the functions that name a question, and cannot tell by which of the two it goes.
 */
const ownFiles = {
  'lib/engine': ['client', 'dockerode', 'http1', 'route', 'version', 'wire'],
}

/** How a path of the engine's API begins, in a text of the program's; a comment may name one. */
const apiPath =
  /['"`]\/(?:_ping|build|containers|exec|images|info|networks|nodes|services|tasks|version|volumes)(?=[/?'"`]|\$\{)/g

/** In lines. A command's file is its flags and one call. */
const mostOfCommand = 60

/**
 * What is against the table.
 * @param {Readonly<Record<string, string>>} files each file's text, by its path: `src/cli/engine.ts`
 * @returns {string[]} a line each; none when all is well
 */
export function faults(files) {
  const graph = new Map()
  const found = [...misordered()]
  for (const [path, text] of Object.entries(files)) {
    const imported = importsOf(text)
    const own = imported.filter((name) => name.startsWith('.')).map((name) => fileOf(files, path, name))
    const inside = own.filter((to) => to !== undefined)
    graph.set(path, inside)
    found.push(...inside.flatMap((to) => faultOfImport(path, to)))
    found.push(...imported.flatMap((name) => faultOfLibrary(path, name)))
    if (/\bprocess\s*\.\s*exit\b/.test(text) && !path.startsWith('src/entry/'))
      found.push(`${path}: process.exit is for src/entry alone: throw, or return a code`)
    const asked = roomOf(path) === 'lib/engine' ? undefined : apiPathIn(text)
    if (asked) found.push(`${path}: ${asked}… is a path of the engine's API: a function in src/lib/engine asks for it`)
    const lines = text.split('\n').length - 1
    if (path.startsWith('src/commands/') && lines > mostOfCommand)
      found.push(
        `${path}: ${lines} lines, and a command has ${mostOfCommand}: its flags and one call; the rest is cli's`,
      )
  }
  return [...found, ...circles(graph)]
}

function apiPathIn(text) {
  const isCode = ({ index }) => !/^\s*(?:\/?\*|\/\/)/.test(text.slice(text.lastIndexOf('\n', index) + 1))
  return [...text.matchAll(apiPath)].find(isCode)?.[0]
}

/** Our own form only: biome writes an import from the first column on, in single quotes. */
function importsOf(text) {
  const clause = String.raw`(?:type\s+)?(?:\w+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)?\s*from\s+`
  const stated = text.matchAll(new RegExp(`^(?:import|export)\\s+(?:${clause})?'([^'\\n]+)'`, 'gm'))
  const called = text.matchAll(/\b(?:import|require)\('([^'\n]+)'\)/g)
  return [...stated, ...called].map(([, name]) => name)
}

/** The file that an import means, a script's too; undefined for one that is not in src/: package.json. */
function fileOf(files, from, name) {
  const path = join(dirname(from), name)
  if (/\.(?:pl|sh)$/.test(path)) return path
  return [`${path}.ts`, `${path}/index.ts`, `${path}.d.ts`].find((one) => one in files)
}

/** `lib/transport/ssh`, `lib/plan`, `cli` */
function roomOf(path) {
  const [, top = '', ...below] = path.replace(/(\.d)?\.ts$/, '').split('/')
  if (top !== 'lib') return top
  const transport = below[0] === 'transport' && below.length > 2
  return `lib/${below.slice(0, transport ? 2 : 1).join('/')}`
}

function faultOfImport(path, to) {
  const [from, into] = [roomOf(path), roomOf(to)]
  if (from === into) return []
  const own = ownFiles[into]?.find((name) => to === `src/${into}/${name}.ts`)
  if (own) return [`${path}: ${to} is for ${into} alone; scripts/walls.mjs says why`]
  const [top, intoTop] = [from, into].map((room) => room.split('/')[0])
  const fault = `${path}: ${from} may not import ${into} (${to}); scripts/walls.mjs has the table`
  if (top !== intoTop) return rooms[top]?.includes(intoTop) ? [] : [fault]
  const order = Object.keys(libRooms)
  const [room, other] = [from, into].map((name) => name.slice('lib/'.length))
  if (!order.includes(room)) return [`${path}: the table in scripts/walls.mjs has no room ${from}`]
  if (common.includes(other)) return order.indexOf(other) < order.indexOf(room) ? [] : [fault]
  const file = to.replace(/^src\/lib\/|\.ts$/g, '')
  return [other, file].some((name) => libRooms[room].includes(name)) ? [] : [fault]
}

function faultOfLibrary(path, name) {
  if (name.startsWith('.') || name.startsWith('node:')) return []
  const library = name.split('/', name.startsWith('@') ? 2 : 1).join('/')
  const places = libraries[library]
  if (!places) return [`${path}: the table in scripts/walls.mjs has no library ${library}`]
  const here = [roomOf(path), path.replace(/^src\/|\.ts$/g, '')]
  return here.some((one) => places.includes(one)) ? [] : [`${path}: ${library} is for ${places.join(' and ')} alone`]
}

/** A row that names a room which is not above it. */
function misordered() {
  const order = Object.keys(libRooms)
  return Object.entries(libRooms).flatMap(([room, uses]) =>
    uses
      .filter((use) => order.indexOf(order.includes(use) ? use : use.split('/')[0]) >= order.indexOf(room))
      .map((use) => `scripts/walls.mjs: the row of ${room} names ${use}, which is not above it`),
  )
}

/** One line for each import that closes a circle: the way round, from the file that is imported to the one that does. */
function circles(graph) {
  const found = []
  const done = new Set()
  const visit = (path, way) => {
    const at = way.indexOf(path)
    if (at >= 0) found.push(`${path}: imports in a circle: ${[...way.slice(at), path].join(' → ')}`)
    if (at >= 0 || done.has(path)) return
    for (const to of graph.get(path) ?? []) visit(to, [...way, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

/** Every TypeScript file below ROOT/src. */
export function sourcesIn(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'))
  return Object.fromEntries(names.map((name) => [`src/${name}`, readFileSync(join(root, 'src', name), 'utf8')]))
}

if (process.argv[1]?.endsWith('/walls.mjs')) {
  const root = process.argv[2] ?? dirname(dirname(process.argv[1]))
  if (!existsSync(join(root, 'src'))) throw new Error(`there is no src in ${root}`)
  const found = faults(sourcesIn(root))
  for (const line of found) console.error(line)
  process.exitCode = found.length > 0 ? 1 : 0
}
