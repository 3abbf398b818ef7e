// Takes a private engine down, whatever state it is in: running, killed, half started.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { call } from './engine-http.mjs'
import { endProcess, processes, readProcess } from './proc.mjs'

/** Ends all that runs on the engine of this folder, unmounts what is mounted below it and removes it. */
export async function takeDown(dir) {
  if (!existsSync(dir)) return
  await killContainers(`unix://${join(dir, 'docker.sock')}`)
  await endDaemon(dir)
  await endRest(dir)
  removeShimTraces(dir)
  unmount(dir)
  // Never across a mount that could not be taken away.
  const { status, stderr } = spawnSync('rm', ['-rf', '--one-file-system', dir], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** dockerd would give each of them ten seconds to heed SIGTERM. */
async function killContainers(host) {
  try {
    const running = await call(host, 'GET', '/containers/json', { timeoutMs: 5_000 })
    await Promise.allSettled(
      running.map(({ Id }) => call(host, 'POST', `/containers/${Id}/kill`, { timeoutMs: 5_000 })),
    )
  } catch {
    // The engine does not answer; what runs is ended below.
  }
}

async function endDaemon(dir) {
  const pid = Number(tryRead(join(dir, 'pid')))
  if (pid > 0 && belongs(readProcess(pid), dir) && !(await endProcess(pid, 'SIGTERM', 20_000))) {
    await endProcess(pid, 'SIGKILL', 5_000)
  }
}

/**
 * Whatever else names the folder in its arguments: a dockerd that did not come as far as its pidfile, containerd, and
 * the shims that hold the containers, each after the containers' processes below it.
 */
async function endRest(dir) {
  for (let round = 0; round < 10; round++) {
    const all = processes().filter(({ state }) => state !== 'Z')
    const ours = all.filter((found) => found.pid !== process.pid && belongs(found, dir))
    if (ours.length === 0) return
    const parents = new Set(ours.filter(({ args }) => /shim/.test(args[0])).map(({ pid }) => pid))
    const inside = all.filter(({ ppid }) => parents.has(ppid))
    await Promise.all([...inside, ...ours].map(({ pid }) => endProcess(pid, 'SIGKILL', 5_000)))
  }
  throw new Error(`processes of the engine in ${dir} do not end`)
}

/** The supervisor names the folder too, but as its very last word. */
function belongs(found, dir) {
  return found?.args.some((word) => word.includes(`${dir}/`)) ?? false
}

/** What a shim that was killed leaves outside of the folder: its socket, and the control groups of its container. */
function removeShimTraces(dir) {
  const bundles = join(dir, 'exec', 'containerd', 'daemon', 'io.containerd.runtime.v2.task', 'moby')
  if (!existsSync(bundles)) return
  const roots = ['', ...readdirSync('/sys/fs/cgroup')]
  for (const id of readdirSync(bundles)) {
    const socket = tryRead(join(bundles, id, 'address'))?.replace(/^unix:\/\//, '')
    if (socket?.startsWith('/run/containerd/s/')) rmSync(socket, { force: true })
    for (const root of roots) tryRmdir(join('/sys/fs/cgroup', root, 'docker', id))
  }
}

function unmount(dir) {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      line.split(' ')[4]?.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter((point) => point?.startsWith(`${dir}/`))
    .reverse()
  if (points.length > 0) spawnSync('umount', ['--lazy', ...points], { stdio: ['ignore', 'ignore', 'inherit'] })
}

function tryRead(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function tryRmdir(folder) {
  try {
    rmdirSync(folder)
  } catch {
    // It is not there.
  }
}
