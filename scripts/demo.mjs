// npm run demo: one container, made with no registry, and the commands people know this tool by, really run in it.
//
// Finds an engine or, for root on Debian or Ubuntu, starts a private one; removes all that it made, however it ends.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startEngine } from './engine.mjs'
import { makeBusyboxTar } from './images.mjs'
import { Trouble } from './packages.mjs'

const root = join(dirname(import.meta.filename), '..')
const questions = createRequire(import.meta.url)(join(root, 'dist', 'demo-engine.js'))
const {
  createContainer,
  engineVersion,
  importEnd,
  importImage,
  reachEngine,
  removeContainer,
  removeImage,
  startContainer,
} = questions
const atTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const name = `docker-bash-demo-${randomBytes(3).toString('hex')}`

/** What has to be undone, newest last, and what is thereby removed, if that is worth a word. */
const undo = []
/** The signal that is to end us; every step looks at it before it starts. */
let ending

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    ending ??= signal
    child?.kill(signal)
  })
}
/** The command that runs just now. */
let child
// Whoever read our output is gone: nothing more to show, all the more to clean up.
process.stdout.on('error', () => {
  ending ??= 'SIGPIPE'
})

try {
  await demo()
  process.exitCode = 0
} catch (error) {
  process.exitCode = 1
  if (ending === undefined) complain(error.message, error.hint ?? 'this is not meant to happen: please report it')
} finally {
  await cleanUp()
}
// As a shell counts it; also when all went well up to the signal.
if (ending !== undefined) process.exitCode = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 }[ending]

async function demo() {
  const folder = await step(() => makeFolder())
  const { engine, env } = await step(() => findEngine())
  undo.push({ act: () => engine.close() })
  await step(() => makeImage(engine, folder))
  await step(() => makeContainer(engine))

  const lines = [
    'docker-bash `dl` echo hello world',
    `echo 'typed here, counted there' | docker-bash ${name} wc -w`,
    `docker-bash ${name} sh -c 'exit 7'; echo "its exit code: $?"`,
    `docker-bash explain ${name}`,
  ]
  const around = { ...process.env, ...env, PATH: `${makeBin(folder)}:${process.env.PATH}` }
  for (const line of lines) await step(() => runLine(line, around))

  if (!atTerminal) {
    say('', 'At a terminal, npm run demo now opens a shell. With containers of your own:', '')
    say('  npm install --global .     docker-bash and dl in your PATH')
    say('  docker-bash web            a login shell in the container named web')
    say('  docker-bash --help         the rest')
    return
  }
  say('', 'Now its shell; exit ends it, and the demo. Meanwhile, in another terminal:', '')
  if (env.DOCKER_HOST) say(`  export DOCKER_HOST=${env.DOCKER_HOST}`)
  say(`  export PATH=${join(folder, 'bin')}:$PATH`, `  docker-bash ${name} ps`)
  await step(() => runLine(`docker-bash ${name}`, around, { mayFail: true }))
}

/** The engine that docker-bash itself would take, or a private one; and what makes docker-bash take it. */
async function findEngine() {
  try {
    const engine = await reachEngine({})
    say(`engine     ${engine.endpoint.host} (${engine.endpoint.from})`)
    return { engine, env: {} }
  } catch (error) {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') {
      throw new Trouble(
        error.message,
        `${error.hint}; or run the demo as root on Debian or Ubuntu: it starts its own engine`,
      )
    }
    say(error.message, '  so a private one is started for this demo')
  }
  const started = await step(() => startEngine())
  undo.push({ what: 'engine', act: () => started.stop() })
  const engine = await reachEngine({ host: started.host })
  say(`engine     ${started.host} (private)`)
  return { engine, env: { DOCKER_HOST: started.host } }
}

async function makeImage(engine, folder) {
  const { Os, Arch } = await engineVersion(engine)
  const ours = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch
  if (Os !== 'linux' || Arch !== ours) {
    throw new Trouble(
      `the engine runs ${Os}/${Arch} containers, this machine's busybox is linux/${ours}`,
      'run the demo on the engine’s own machine',
    )
  }
  const tar = join(folder, 'busybox.tar')
  await makeBusyboxTar(tar)
  undo.push({ what: 'image', act: () => removeImage(engine, name) })
  const changes = ['LABEL docker-bash.demo=1']
  await importEnd(engine, await importImage(engine, createReadStream(tar), { repo: name, tag: 'latest', changes }))
  say(`image      ${name}: busybox, ${(statSync(tar).size / 1e6).toFixed(1)} MB, made here`)
}

async function makeContainer(engine) {
  const id = await createContainer(engine, {
    name,
    Image: name,
    // It goes by itself within an hour, should nobody be left to remove it.
    Cmd: ['sh', '-c', 'trap exit TERM; sleep 3600 & wait'],
    Labels: { 'docker-bash.demo': '1' },
    HostConfig: { AutoRemove: true, NetworkMode: 'none' },
  })
  undo.push({ what: 'container', act: () => removeContainer(engine, id) })
  await startContainer(engine, id)
  say(`container  ${name}`)
}

/** One command line as typed, by sh, its output ours. Rejects if it fails, unless it may. */
async function runLine(line, env, { mayFail = false } = {}) {
  say('', `$ ${line}`)
  child = spawn('sh', ['-c', line], { env, stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  child = undefined
  if (code !== 0 && !mayFail) throw new Trouble(`that ended with ${signal ?? `code ${code}`}`, 'its words are above')
}

function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-demo-'))
  undo.push({ act: () => rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** A folder for PATH with both programs by the names people type, and this Node for them. */
function makeBin(folder) {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'bin', 'run.js'), join(bin, 'docker-bash'))
  symlinkSync(join(root, 'bin', 'dl.js'), join(bin, 'dl'))
  symlinkSync(process.execPath, join(bin, 'node'))
  return bin
}

async function step(act) {
  if (ending !== undefined) throw new Error(ending)
  return await act()
}

async function cleanUp() {
  const removed = []
  for (const { what, act } of undo.reverse()) {
    try {
      await act()
      if (what) removed.push(what)
    } catch (error) {
      // What is not there, or is on its way out, needs no removing.
      if (error.statusCode === 404 || error.statusCode === 409) continue
      complain(`not removed: ${error.message}`, `look for ${name} with docker ps --all and docker images`)
      process.exitCode = 1
    }
  }
  if (removed.length > 0) say('', `removed    ${removed.join(', ')}`)
}

function complain(what, todo) {
  process.stderr.write(`demo: ${what}\n  ${todo}\n`)
}

function say(...lines) {
  process.stdout.write(`${lines.join('\n')}\n`)
}
