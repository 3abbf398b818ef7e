// npm run bench: docker-bash beside docker exec, on a real engine; a table on stdout, and in docs/performance.md and
// bench/last.json. Words pick rows: npm run bench -- echo
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { startEngine } from '../scripts/engine.mjs'
import { importBusybox } from '../scripts/images.mjs'
import { ensurePackages } from '../scripts/packages.mjs'
import { hostRows } from './host.mjs'
import { measure, peakMemory, summary } from './measure.mjs'
import { rows } from './rows.mjs'
import { sshRows } from './ssh.mjs'

const root = join(dirname(import.meta.filename), '..')
const wanted = process.argv.slice(2)
const head = `# Performance

Whole processes, from the shell's fork to their end, measured alternately in one run by hyperfine on a real engine;
medians. A ratio below 1 is faster than what stands beside it. \`npm run bench\` writes this page anew.
`

ensurePackages({ hyperfine: 'hyperfine', docker: 'docker.io', time: 'time' })
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
  const env = { ...rest, DOCKER_HOST: engine.host }
  await importBusybox(engine.host, 'bench/busybox:latest')
  const container = 'bench'
  execFileSync('docker', ['run', '-d', '--name', container, 'bench/busybox:latest', 'sleep', '86400'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const file = join(folder, 'gib')
  writeFileSync(file, '')
  truncateSync(file, 1024 ** 3)
  const places = { ours: join(root, 'bin', 'run.js'), dl: join(root, 'bin', 'dl.js'), container, file }
  const results = []
  const all = [
    ...rows(places),
    ...hostRows({ ...places, engine, env }),
    ...(await sshRows({ ...places, engine, folder, root, env })),
  ]
  for (const row of all) {
    if (wanted.length > 0 && !wanted.some((word) => row.what.includes(word))) continue
    const times = measure(row.lines, row.how, env)
    const ours = summary(times.ours)
    const theirs = summary(times.theirs)
    const result = {
      what: row.what,
      beside: row.beside,
      ratio: ours.median / theirs.median,
      ours,
      theirs,
      runs: times.ours.length,
    }
    results.push(result)
    process.stderr.write(`${line(result)}\n`)
  }
  const memory = peakMemory(
    [places.ours, '--via', 'exec', container, 'head', '-c', String(1024 ** 3), '/dev/zero'],
    env,
  )
  const text = `${table(results)}\nPeak memory of docker-bash in \`1 GiB out, --via exec\`: ${memory.toFixed(0)} MB.\n`
  process.stdout.write(text)
  if (wanted.length > 0) return
  writeFileSync(
    join(root, 'bench', 'last.json'),
    `${JSON.stringify({ machine: machine(), results, memory }, null, 2)}\n`,
  )
  writeFileSync(join(root, 'docs', 'performance.md'), `${head}\n${machine()}\n\n${text}`)
}

function table(results) {
  const heads = '| what | beside | ratio | ours | theirs | spread | runs |\n|---|---|---|---|---|---|---|\n'
  return heads + results.map((result) => `${line(result)}\n`).join('')
}

function line({ what, beside, ratio, ours, theirs, runs }) {
  const spread = Math.max(ours.spread, theirs.spread)
  const cells = [
    what,
    beside,
    ratio.toFixed(2),
    ms(ours.median),
    ms(theirs.median),
    `± ${(spread * 50).toFixed(0)} %`,
    runs,
  ]
  return `| ${cells.join(' | ')} |`
}

function ms(seconds) {
  return `${(seconds * 1000).toFixed(0)} ms`
}

function machine() {
  const { stdout } = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    encoding: 'utf8',
  })
  const gib = (totalmem() / 1024 ** 3).toFixed(0)
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, Linux ${release()}, Node ${process.version}, Docker Engine ${stdout.trim()}`
}
