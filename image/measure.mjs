// Measures images beside each other and writes the table into docs/image.md.
//
//   node image/measure.mjs 'NAME=IMAGE'…
//
// The engine is the one DOCKER_HOST names (default: the usual socket), and has the images. The first is the one the
// others are compared with. An image whose command is my_init is booted with its services up.
import { readFileSync, writeFileSync } from 'node:fs'
import { call, request } from '../scripts/engine-http.mjs'

const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
const page = new URL('../docs/image.md', import.meta.url)
const rounds = 15

const subjects = process.argv.slice(2).map((word) => {
  const at = word.lastIndexOf('=')
  return { name: word.slice(0, at), image: word.slice(at + 1), times: [] }
})
if (subjects.length === 0) throw new Error("usage: node image/measure.mjs 'NAME=IMAGE'…")

// In turns, so that what else the machine does falls on all of them.
for (let round = 0; round < rounds; round++) {
  for (const { image, times } of subjects) times.push(await boot(image))
}
const table = render(await Promise.all(subjects.map(summary)))
process.stdout.write(`${table}\n`)
const text = readFileSync(page, 'utf8')
const [begin, end] = ['<!-- measured -->', '<!-- /measured -->']
writeFileSync(page, `${text.slice(0, text.indexOf(begin) + begin.length)}\n${table}\n${text.slice(text.indexOf(end))}`)

async function summary({ name, image, times }) {
  const { Size } = await call(host, 'GET', `/images/${encodeURIComponent(image)}/json`)
  const middle = (key) => median(times.map((time) => time[key]))
  return {
    name,
    size: Size,
    boot: middle('boot'),
    stop: middle('stop'),
    memory: middle('memory'),
    processes: middle('processes'),
  }
}

async function boot(image) {
  const { Config } = await call(host, 'GET', `/images/${encodeURIComponent(image)}/json`)
  const init = (Config.Cmd ?? [])[0]?.endsWith('my_init')
  const say = ['sh', '-c', 'trap "exit 0" TERM; echo up; sleep 1000 & wait']
  const Cmd = init ? ['/sbin/my_init', '--quiet', '--', ...say] : say
  const { Id } = await call(host, 'POST', '/containers/create', { body: { Image: image, Cmd } })
  try {
    await call(host, 'POST', `/containers/${Id}/start`)
    const up = await firstWord(Id)
    const { State } = await call(host, 'GET', `/containers/${Id}/json`)
    const { memory_stats, pids_stats } = await call(host, 'GET', `/containers/${Id}/stats?stream=false`)
    const from = performance.now()
    await call(host, 'POST', `/containers/${Id}/stop?t=10`)
    const { inactive_file = 0, total_inactive_file = 0 } = memory_stats.stats
    return {
      // The engine takes note of the start a moment after it.
      boot: Math.max(0, milliseconds(up) - milliseconds(State.StartedAt)),
      stop: performance.now() - from,
      memory: memory_stats.usage - Math.max(inactive_file, total_inactive_file),
      processes: pids_stats.current,
    }
  } finally {
    await request(host, 'DELETE', `/containers/${Id}?force=1&v=1`)
  }
}

/** The time stamp of the log's line `up`, once it is there. */
async function firstWord(id) {
  for (;;) {
    const { text } = await request(host, 'GET', `/containers/${id}/logs?stdout=1&timestamps=1`)
    const found = /(\d{4}-\S+Z) up\n/.exec(text)
    if (found) return found[1]
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Of an RFC 3339 time with up to nine digits after the second, which Date would cut to three. */
function milliseconds(time) {
  const [, second, fraction = '0'] = /^(.*?)(?:\.(\d+))?Z$/.exec(time)
  return Date.parse(`${second}Z`) + Number(`0.${fraction}`) * 1000
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function render(rows) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
  const ms = (time) => `${Math.round(time)} ms`
  const [first] = rows
  const lines = rows.map((row) => {
    const more = row === first ? '' : ` (+${mb(row.size - first.size)})`
    return `| ${row.name} | ${mb(row.size)}${more} | ${ms(row.boot)} | ${ms(row.stop)} | ${mb(row.memory)} | ${row.processes} |`
  })
  return ['', '| | size | boot | stop | memory | processes |', '|---|---|---|---|---|---|', ...lines, ''].join('\n')
}
