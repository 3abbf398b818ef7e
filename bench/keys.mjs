// How long a key typed at a terminal takes to come back from the terminal inside: `script` makes the terminal here.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const number = 500

/** @returns two results, p50 and p99, each in the shape of a row's */
export async function keyResults({ ours, container, env }) {
  // The terminal inside echoes; cat only keeps it open.
  const us = await open(`${ours} -t ${container} cat`, env)
  const them = await open(`docker exec -it ${container} cat`, env)
  const times = { ours: [], theirs: [] }
  for (let turn = 0; turn < number + 20; turn++) {
    const pair = turn % 2 ? [them.key, us.key] : [us.key, them.key]
    const [first, second] = [await pair[0](), await pair[1]()]
    // The first ones warm up.
    if (turn < 20) continue
    times.ours.push(turn % 2 ? second : first)
    times.theirs.push(turn % 2 ? first : second)
  }
  await Promise.all([us.close(), them.close()])
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

/** A session at a terminal of its own. `key()` types one and settles with the seconds until it has come back. */
async function open(line, env) {
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const key = async () => {
    const since = process.hrtime.bigint()
    child.stdin.write('x')
    await once(child.stdout, 'data')
    return Number(process.hrtime.bigint() - since) / 1e9
  }
  // Not typed before there is somebody to take it: a key is sent until one comes back, and the rest of them awaited.
  const nudge = setInterval(() => child.stdin.write('x'), 2000)
  await once(child.stdout, 'data')
  clearInterval(nudge)
  await new Promise((go) => setTimeout(go, 500))
  const close = async () => {
    child.stdin.end('\n\x04')
    child.stdout.resume()
    await ended
  }
  return { key, close }
}
