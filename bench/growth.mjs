// What it costs as work grows: more containers on the engine, more bytes through a session.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureOne, peakMemory, summary } from './measure.mjs'
import { zeros } from './rows.mjs'

/** @returns rows of cells: containers, then the medians of the ways to look one up, in ms */
export function lookUps({ ours, env, folder }) {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'compose.yaml'), 'name: grown\nservices: { web: { image: bench/busybox } }\n')
  const labels = ['com.docker.compose.project=grown', 'com.docker.compose.service=web'].flatMap((l) => ['--label', l])
  const docker = (...words) => execFileSync('docker', words, { env, encoding: 'utf8' }).trim()
  const id = docker('run', '-d', '--name', 'grown', ...labels, 'bench/busybox:latest', 'sleep', '86400')
  const made = [id]
  const lines = {
    ls: `${ours} ls --all`,
    name: `${ours} --via exec grown true`,
    prefix: `${ours} --via exec ${id.slice(0, 20)} true`,
    service: `cd ${project} && ${ours} --via exec web true`,
  }
  const rows = []
  for (const number of [1, 10, 100, 500]) {
    while (made.length < number) made.push(docker('create', 'bench/busybox:latest', 'true'))
    const medians = Object.values(lines).map((line) => summary(measureOne(line, 10, env)).median * 1000)
    rows.push([number, ...medians])
  }
  for (let at = 0; at < made.length; at += 50) docker('rm', '-f', ...made.slice(at, at + 50))
  return rows
}

/** @returns rows of cells: MiB, then for each way the time in ms and the peak memory in MB */
export function streams({ ours, container, env }) {
  return [1, 64, 1024, 4096].map((size) => {
    const cells = ['', '--via exec'].flatMap((via) => {
      const words = [ours, ...via.split(' ').filter(Boolean), container, ...zeros(size).split(' ')]
      const time = summary(measureOne(`${words.join(' ')} >/dev/null 2>&1`, 2, env)).median * 1000
      return [time, peakMemory(words, env)]
    })
    return [size, ...cells]
  })
}
