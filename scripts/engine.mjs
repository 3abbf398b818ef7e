// A private Docker engine for root: everything it has lies below one folder and in one network namespace, so that it
// works beside other engines, and nothing of it is left when it ends.
//
// Two engines in one network namespace delete each other's bridge and firewall rules; hence a namespace for each.
//
// A supervisor (this file, run as a program) holds one end of a pipe. When whoever started the engine lets it go, by stop()
// or by dying however suddenly, the pipe ends and the supervisor takes the engine down.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { takeDown } from './engine-end.mjs'
import { answers } from './engine-http.mjs'
import { dockerdArgs, dockerdEnv, makeFolder, makeNetns, secure } from './engine-setup.mjs'
import { ensurePackages, Trouble } from './packages.mjs'
import { ended, endProcess } from './proc.mjs'

// jest reads this file as CommonJS, where only __filename exists.
const self = import.meta.filename ?? __filename

const programs = {
  dockerd: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  ip: 'iproute2',
  nsenter: 'util-linux',
}

/**
 * Starts an engine and resolves when it answers. Options: `dir`, its folder (made if missing, removed at the end;
 * default: a temporary one); `netns: false` to stay in this network namespace; `args`, more for dockerd; `tls: true`
 * to listen on a TCP port as well, with certificates of its own, in `tls: { host, certPath }`; `hostname`, what it takes
 * its machine to be called; `mounts`, the file of a mount namespace to run in.
 *
 * `netns` of the result is a path for `nsenter --net=PATH`: only in there the containers' addresses are reached.
 */
export async function startEngine({ dir, netns = true, args = [], tls = false, hostname, mounts } = {}) {
  if (process.getuid?.() !== 0) throw new Trouble('a private engine needs root', 'run this as root, or set DOCKER_HOST')
  ensurePackages(tls ? { ...programs, openssl: 'openssl' } : programs)
  const folder = makeFolder(dir)
  const supervisor = keep(folder)
  try {
    const space = netns ? makeNetns(folder) : undefined
    const secured = tls ? await secure(folder, netns) : undefined
    const words = [...dockerdArgs(folder), ...(secured?.args ?? []), ...args]
    const engine = new Engine(
      folder,
      space,
      [...named(hostname), ...inside(mounts), 'dockerd', ...words],
      supervisor,
      secured?.tls,
    )
    await engine.start()
    return engine
  } catch (error) {
    await release(supervisor)
    throw error
  }
}

class Engine {
  #words
  #supervisor
  #child

  constructor(dir, netns, words, supervisor, tls) {
    this.dir = dir
    this.host = `unix://${join(dir, 'docker.sock')}`
    this.netns = netns
    this.tls = tls
    this.#words = words
    this.#supervisor = supervisor
  }

  /** dockerd's process ID; another one after restart(). */
  get pid() {
    return this.#child?.pid
  }

  /** Starts dockerd and resolves when it answers; with its log's tail in the error when it does not within 60 s. */
  async start() {
    const log = openSync(join(this.dir, 'log'), 'a')
    const [program, ...words] = this.netns ? ['nsenter', `--net=${this.netns}`, ...this.#words] : this.#words
    // A session of its own: ctrl-c at our terminal is not for dockerd; the supervisor ends it in good order.
    const child = spawn(program, words, { stdio: ['ignore', log, log], detached: true, env: dockerdEnv(this.dir) })
    closeSync(log)
    await once(child, 'spawn')
    child.unref()
    this.#child = child
    const end = Date.now() + 60_000
    while (!(await answers(this.host))) {
      if (ended(child.pid) || Date.now() > end) {
        const how = ended(child.pid) ? 'ended at once' : 'did not answer within 60 s'
        throw new Trouble(`dockerd ${how}:\n${tail(join(this.dir, 'log'))}`, 'its last words are above')
      }
      await wait(50)
    }
  }

  /** Takes the engine down with its containers and removes all it has. May be called twice. */
  async stop() {
    await release(this.#supervisor)
  }

  /** Ends dockerd with no chance to say goodbye; containers live on. stop() or restart() must follow. */
  async kill() {
    await this.#signal('SIGKILL')
    await forgetContainerd(this.dir)
  }

  /** Ends dockerd (which ends its containers, unless with --live-restore) and starts it on the same folder. */
  async restart() {
    await this.#signal('SIGTERM')
    await this.start()
  }

  async #signal(name) {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.ref()
    child.kill(name)
    await gone
  }
}

/** What gives a program a machine name of its own; nothing in between stays, so its process ID is dockerd's. */
function named(hostname) {
  return hostname === undefined
    ? []
    : ['unshare', '--uts', 'sh', '-c', 'printf %s "$0" >/proc/sys/kernel/hostname && exec "$@"', hostname]
}

/** The words before a program that runs it in the mount namespace of this file. */
function inside(mounts) {
  return mounts === undefined ? [] : ['nsenter', `--mount=${mounts}`]
}

/**
 * A killed dockerd takes its containerd along but leaves the pidfile; the next dockerd would take a zombie of that
 * number, where nobody reaps orphans, for one that runs.
 */
async function forgetContainerd(dir) {
  const pidfile = join(dir, 'exec', 'containerd', 'containerd.pid')
  if (!existsSync(pidfile)) return
  await endProcess(Number(readFileSync(pidfile, 'utf8')), 0, 5_000)
  rmSync(pidfile, { force: true })
}

function keep(folder) {
  const supervisor = spawn(process.execPath, [self, 'keep', folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  supervisor.unref()
  supervisor.stdin.unref()
  return supervisor
}

async function release(supervisor) {
  if (supervisor.exitCode === null && supervisor.signalCode === null) {
    const gone = once(supervisor, 'exit')
    supervisor.ref()
    supervisor.stdin.end()
    await gone
  }
  if (supervisor.exitCode !== 0) throw new Trouble('the private engine was not taken down whole', 'its words are above')
}

function tail(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n') : ''
}

// As a program: `engine.mjs keep FOLDER` waits for the end of its input, then takes the engine of that folder down.
if (process.argv[1] === self && process.argv[2] === 'keep') {
  process.stdin.resume().once('end', () => takeDown(process.argv[3]))
}
