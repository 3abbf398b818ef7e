// Times whole command lines beside each other, alternately, by hyperfine: what the machine does meanwhile hits both.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @param {{ours: string, theirs: string}} lines run by sh
 * @param {{rounds: number, runs: number, prepare?: string}} how a round is that many runs of each; `prepare` goes before
 * each, and is not timed
 * @returns {{ours: number[], theirs: number[]}} seconds, one a run
 */
export function measure(lines, { rounds, runs, prepare }, env) {
  const times = { ours: [], theirs: [] }
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-bench-'))
  try {
    for (let round = 0; round < rounds; round++) {
      // Turn about, so that neither always comes after the other's pause.
      for (const side of round % 2 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
        times[side].push(...hyperfine(lines[side], runs, round === 0 ? 1 : 0, join(folder, 'out.json'), env, prepare))
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return times
}

/** One line by itself, after one run that does not count. @returns seconds, one a run */
export function measureOne(line, runs, env) {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-bench-'))
  try {
    return hyperfine(line, runs, 1, join(folder, 'out.json'), env)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function hyperfine(line, runs, warmup, file, env, prepare) {
  const args = [
    '--shell',
    'sh',
    '--style',
    'none',
    '--warmup',
    `${warmup}`,
    '--runs',
    `${runs}`,
    '--export-json',
    file,
    ...(prepare ? ['--prepare', prepare] : []),
    line,
  ]
  const { status, stderr, error } = spawnSync('hyperfine', args, { env, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${line}: ${stderr}`)
  return JSON.parse(readFileSync(file, 'utf8')).results[0].times
}

/** The middle value, and how far the middle half of the values lies apart, as a part of it. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / at(0.5) }
}

/** The most memory, in MB, that one run of a line held at once. */
export function peakMemory(words, env) {
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', 'peak %M', ...words], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024
}
