// npm run bench: docker-bash beside docker exec, on a real engine; tables on stdout, and in docs/performance.md and
// bench/last.json. Words pick rows: npm run bench -- echo
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { startEngine } from '../scripts/engine.mjs'
import { importBusybox } from '../scripts/images.mjs'
import { ensurePackages } from '../scripts/packages.mjs'
import { fleetRows } from './fleet.mjs'
import { forwardRows } from './forward.mjs'
import { lookUps, streams } from './growth.mjs'
import { hostRows } from './host.mjs'
import { keyResults } from './keys.mjs'
import { measure, peakMemory, summary } from './measure.mjs'
import { memoryTable, numbers, resultCells, resultTable } from './page.mjs'
import { profile } from './profile.mjs'
import { rows } from './rows.mjs'
import { sshRows } from './ssh.mjs'

const root = join(dirname(import.meta.filename), '..')
const wanted = process.argv.slice(2)
const isWanted = (what) => wanted.length === 0 || wanted.some((word) => what.includes(word))

ensurePackages({ hyperfine: 'hyperfine', docker: 'docker.io', time: 'time', script: 'bsdutils' })
const folder = mkdtempSync(join(tmpdir(), 'docker-bash-bench-'))
const engine = await startEngine()
try {
  await bench()
} finally {
  await engine.stop()
  rmSync(folder, { recursive: true })
}

async function bench() {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env
  const env = { ...rest, DOCKER_HOST: engine.host, XDG_CACHE_HOME: join(folder, 'cache') }
  const before = loadavg()[0]
  await importBusybox(engine.host, 'bench/busybox:latest')
  const container = 'bench'
  execFileSync('docker', ['run', '-d', '--name', container, 'bench/busybox:latest', 'sleep', '86400'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const file = join(folder, 'gib')
  writeFileSync(file, '')
  truncateSync(file, 1024 ** 3)
  const places = {
    ...{ ours: join(root, 'bin', 'run.js'), dl: join(root, 'bin', 'dl.js') },
    ...{ container, file, engine, env, folder, root },
  }
  const results = []
  const told = (result) => {
    results.push(result)
    process.stderr.write(`| ${resultCells(result).join(' | ')} |\n`)
  }
  const all = [
    ...rows(places),
    ...hostRows(places),
    ...(await sshRows(places)),
    ...fleetRows(places),
    ...forwardRows(places),
  ]
  for (const row of all) {
    if (isWanted(`${row.what}, ${row.beside}`)) told(beside(row, env))
  }
  if (isWanted('key')) for (const result of await keyResults(places)) told(result)
  const peaks = isWanted('memory') ? memory(all, places) : []
  const parts = isWanted('profile') ? profile(places) : []
  const found = isWanted('growth') ? lookUps(places) : []
  const streamed = isWanted('growth') ? streams(places) : []
  const machine = describe(before)
  const text = page({ machine, results, peaks, parts, found, streamed })
  process.stdout.write(text)
  if (wanted.length > 0) return
  const kept = { machine, results, peaks, parts, found, streamed }
  writeFileSync(join(root, 'bench', 'last.json'), `${JSON.stringify(kept, null, 2)}\n`)
  writeFileSync(join(root, 'docs', 'performance.md'), text)
  // As everything else that is kept.
  execFileSync('npx', ['biome', 'format', '--write', 'bench/last.json', 'docs/performance.md'], { cwd: root })
}

function beside(row, env) {
  const undo = row.before?.()
  try {
    const times = measure(row.lines, row.how, env)
    const ours = summary(times.ours)
    const theirs = summary(times.theirs)
    const { what, atMost, aim } = row
    const ratio = ours.median / theirs.median
    return { what, beside: row.beside, ratio, ours, theirs, runs: times.ours.length, atMost, aim }
  } finally {
    undo?.()
  }
}

/** Of all that has a limit, and of a terminal. */
function memory(all, { ours, container, env }) {
  const limited = all.filter(({ atMost }) => atMost !== undefined)
  const peaks = limited.map(({ what, lines, before, peak }) => {
    const undo = before?.()
    try {
      return { what, peak: peak?.() ?? peakMemory(['sh', '-c', lines.ours], env) }
    } finally {
      undo?.()
    }
  })
  const typed = ['script', '--quiet', '--command', `${ours} -t ${container} true`, '/dev/null']
  return [...peaks, { what: 'true, at a terminal', peak: peakMemory(typed, env) }]
}

function page({ machine, results, peaks, parts, found, streamed }) {
  const part = (title, text, body) => (body ? `## ${title}\n\n${text}\n\n${body}\n` : '')
  return `# Performance

Whole processes, from the shell's fork to their end, measured alternately in one run by hyperfine on a real engine;
medians. A ratio below 1 is faster than what stands beside it; *at most* is what it must not exceed, *aim* what it is
meant to be. \`npm run bench\` writes this page anew; \`npm run bench -- WORD\` prints the rows with that word.

${machine}

${resultTable(results)}
${part('Memory', 'The most that one process held at once.', peaks.length > 0 && memoryTable(peaks))}
${part(
  'Where the milliseconds go',
  'Of `docker-bash C echo hello` by runc; medians of 30, and the least that a part can be. The marks cost a little, too.',
  parts.length > 0 && numbers(['part', 'ms', 'floor', 'which is'], parts),
)}
${part(
  'As work grows',
  'So many containers on the engine; medians of 10 whole runs, in ms: `ls --all`, and `true` by exec in a container that is named by its name, the start of its ID, its compose service.',
  found.length > 0 && numbers(['containers', 'ls --all', 'name', 'prefix', 'service'], found),
)}
${part(
  'Bytes',
  'So many MiB out of a container: the time in ms, and the most memory held in MB.',
  streamed.length > 0 && numbers(['MiB', 'ms', 'MB', 'ms, --via exec', 'MB, --via exec'], streamed),
)}`.replace(/\n{3,}/g, '\n\n')
}

function describe(load) {
  const { stdout } = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    encoding: 'utf8',
  })
  const gib = (totalmem() / 1024 ** 3).toFixed(0)
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, Linux ${release()}, Node ${process.version}, Docker Engine ${stdout.trim()}; load before: ${load.toFixed(1)}.`
}
