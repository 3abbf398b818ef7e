// What is measured beside what: docker-bash and dl beside Docker's own client.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'

export const echo = { rounds: 16, runs: 5 }
export const bulk = { rounds: 7, runs: 1 }
// Neither has to bring to the disk what the other one has left in memory.
const written = { ...bulk, prepare: 'sync' }

// A producer that is not itself the slowest part: busybox's head writes a KiB at a time.
export const zeros = (mebibytes) => `dd if=/dev/zero bs=1M count=${mebibytes}`
export const out = (enter) => `${enter} ${zeros(1024)} >/dev/null 2>&1`
export const into = (enter, file, eat = "sh -c 'cat >/dev/null'") => `${enter} ${eat} <${file}`

/**
 * @param limits `atMost`, the ratio that has to be reached, and `aim`, the one to be proud of; `before()` makes what the
 * row needs, and returns what takes it away again
 */
export function row(what, beside, ours, theirs, how, limits = {}) {
  return { what, beside, lines: { ours, theirs }, how, ...limits }
}

export function rows({ ours, dl, container, file, env, folder }) {
  const docker = 'docker exec -i'
  const hello = (enter) => `${enter} ${container} echo hello`
  return [
    row('echo hello', 'docker exec', hello(ours), hello('docker exec'), echo, { atMost: 1.25, aim: 1 }),
    row('echo hello, --via exec', 'docker exec', hello(`${ours} --via exec`), hello('docker exec'), echo, {
      ...{ atMost: 1.45, aim: 1.25 },
    }),
    row('dl', 'node -e 0', dl, 'node -e 0', echo, { atMost: 2, aim: 1.5 }),
    row('--help', 'docker ps', `${ours} --help`, 'docker ps', echo, { atMost: 8, aim: 5 }),
    row('ls, 50 containers', 'docker ps', `${ours} ls`, 'docker ps', echo, {
      ...{ atMost: 10, aim: 6, before: () => fill(env, 49) },
    }),
    ...both('1 GiB', docker, `${ours} ${container}`, `${docker} ${container}`, file, { atMost: 0.5, aim: 0.35 }),
    ...both('1 GiB, --via exec', docker, `${ours} --via exec ${container}`, `${docker} ${container}`, file, {
      ...{ atMost: 1.1, aim: 0.9 },
    }),
    ...copies(`${ours} cp`, container, { small: `${folder}/small`, file }),
    ...copiesByArchives(ours, container, { file, env, folder }),
  ]
}

/** Into a container and out of it again: to where nothing is, and over what the last one left. */
function copies(ours, container, { small, file }) {
  const before = () => {
    for (let at = 0; at < 10_000; at++) {
      mkdirSync(`${small}/${at % 10}`, { recursive: true })
      writeFileSync(`${small}/${at % 10}/${at}`, 'x'.repeat(1000))
    }
  }
  const pair = (what, source, to, limits, and = '') =>
    row(
      `cp, ${what}`,
      and ? `docker cp, and ${and}` : 'docker cp',
      `${ours} ${source} ${to('ours')}`,
      `docker cp ${source} ${to('theirs')} 2>&1${and && `; ${and}`}`,
      written,
      limits,
    )
  const inside = (name) => `${container}:/${name}`
  // Not where something was removed: a file system may take its time to use that again.
  const anew = '$(date +%s%N)'
  const limits = { atMost: 0.7, aim: 0.5, before }
  return [
    pair('10,000 files of 1 kB in, over the same', `${small}/.`, (name) => inside(`over-${name}`), { before }),
    pair('10,000 files of 1 kB in', small, (name) => inside(`${name}-${anew}`), limits),
    pair('10,000 files of 1 kB out', inside('over-ours'), (name) => `${small}.${name}-${anew}`, limits),
    // Ours are on the disk by then.
    pair('10,000 files of 1 kB in', small, (name) => inside(`${name}-${anew}`), limits, 'sync'),
    pair('10,000 files of 1 kB out', inside('over-ours'), (name) => `${small}.${name}-${anew}`, limits, 'sync'),
    pair('10,000 files of 1 kB out, over the same', inside('over-ours/.'), (name) => `${small}.over-${name}`, {
      before,
    }),
    pair('1 GiB in', file, (name) => inside(`gib-${name}`), { atMost: 0.6, aim: 0.3 }),
    pair('1 GiB out', inside('gib-ours'), (name) => `${file}.${name}`, { atMost: 0.6, aim: 0.3 }),
  ]
}

/** The same of who is not root, and may use the engine's socket: by its archives. */
function copiesByArchives(ours, container, { file, env, folder }) {
  const { gid } = statSync(env.DOCKER_HOST.replace('unix://', ''))
  const to = `${folder}/nobody`
  const nobody = `setpriv --reuid=65534 --regid=${gid} --clear-groups env HOME=${to} XDG_CACHE_HOME=${to}/cache`
  const before = () => {
    chmodSync(folder, 0o755)
    mkdirSync(to, { recursive: true })
    chownSync(to, 65_534, gid)
  }
  const limits = { atMost: 1, before }
  return [
    row(
      'cp, 1 GiB in, without root',
      'docker cp',
      `${nobody} ${ours} cp ${file} ${container}:/gib-archive`,
      `docker cp ${file} ${container}:/gib-theirs 2>&1`,
      written,
      limits,
    ),
    row(
      'cp, 1 GiB out, without root',
      'docker cp',
      `${nobody} ${ours} cp ${container}:/gib-archive ${to}/ours`,
      `docker cp ${container}:/gib-archive ${to}/theirs 2>&1`,
      written,
      limits,
    ),
    row(
      'cp, 1 GiB out, without root',
      'docker cp, and sync',
      `${nobody} ${ours} cp ${container}:/gib-archive ${to}/ours`,
      `docker cp ${container}:/gib-archive ${to}/theirs 2>&1; sync ${to}/theirs`,
      written,
      limits,
    ),
  ]
}

/** A gibibyte out of the container, and into it. */
export function both(what, beside, ours, theirs, file, limits = {}, eaten = undefined) {
  const [amount, ...way] = what.split(', ')
  const name = (direction) => [`${amount} ${direction}`, ...way].join(', ')
  return [
    row(name('out'), beside, out(ours), out(theirs), bulk, limits),
    row(name('in'), beside, into(ours, file), into(theirs, file, eaten), bulk, limits),
  ]
}

/** So many more containers that run. @returns removes them */
function fill(env, number) {
  const ids = Array.from({ length: number }, (_, index) => {
    const words = ['run', '-d', '--name', `more-${index}`, 'bench/busybox:latest', 'sleep', '86400']
    return execFileSync('docker', words, { env, encoding: 'utf8' }).trim()
  })
  return () => void execFileSync('docker', ['rm', '-f', ...ids], { env })
}
