// How long a key typed at a terminal takes to come back from the terminal inside: `script` makes the terminal here.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const number = 500

/** @returns two results, p50 and p99, each in the shape of a row's */
export async function keyResults({ ours, container, env }) {
  // The terminal inside echoes; cat only keeps it open.
  const command = `${container} sh -c 'echo ready; exec cat'`
  const us = await open(`${ours} -t ${command}`, env)
  const them = await open(`docker exec -it ${command}`, env)
  const times = { ours: new Float64Array(number), theirs: new Float64Array(number) }
  // The first ones warm up.
  for (let turn = -20; turn < number; turn++) {
    const isOursFirst = turn % 2 === 0
    const first = isOursFirst ? us.key() : them.key()
    const second = isOursFirst ? them.key() : us.key()
    if (turn < 0) continue
    times.ours[turn] = isOursFirst ? first : second
    times.theirs[turn] = isOursFirst ? second : first
  }
  await us.close()
  await them.close()
  return [50, 99].map((percent) => result(percent, times))
}

function result(percent, times) {
  const [ours, theirs] = [times.ours, times.theirs].map((values) => at(values, percent / 100))
  const spread = ([values, middle]) => (at(values, 0.75) - at(values, 0.25)) / middle
  return {
    ...{ what: `echo of a key, p${percent} of ${number}`, beside: 'docker exec -it', ratio: ours / theirs },
    ours: { median: ours, spread: spread([times.ours, ours]) },
    theirs: { median: theirs, spread: spread([times.theirs, theirs]) },
    ...{ runs: number, atMost: 1.3, aim: 1.05 },
  }
}

function at(values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}

/**
 * A session at a terminal of its own. `key()` types one and returns the seconds until it has come back. By named pipes
 * that are read and written as a C program would: streams and promises, and the collection of what they leave, would
 * be a part of what is measured.
 */
async function open(line, env) {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-bench-'))
  const [typed, shown] = ['typed', 'shown'].map((name) => join(folder, name))
  execFileSync('mkfifo', [typed, shown])
  // For reading and writing, so that opening waits for nobody.
  const [to, from] = [openSync(typed, 'r+'), openSync(shown, 'r+')]
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...env, TERM: 'xterm' },
    stdio: [to, from, 'inherit'],
  })
  const ended = once(child, 'close')
  const letter = Buffer.from('x')
  const seen = Buffer.alloc(4096)
  const ready = async () => {
    for (let text = ''; !text.includes('ready\r\n'); ) {
      const { bytesRead } = await promisify(read)(from, seen)
      text += seen.toString('latin1', 0, bytesRead)
    }
  }
  const failed = async () => {
    throw new Error(`${line} ended with ${(await ended)[0]}`)
  }
  await Promise.race([ready(), failed()])
  const key = () => {
    const since = performance.now()
    writeSync(to, letter)
    readSync(from, seen)
    return (performance.now() - since) / 1000
  }
  const close = async () => {
    writeSync(to, '\n\x04')
    await ended
    for (const fd of [to, from]) closeSync(fd)
    rmSync(folder, { recursive: true })
  }
  return { key, close }
}
