/**
 * What the caller's three streams are stays on the host: a command inside gets pipes and terminals of ours, by every
 * way in. Not ssh: its streams are its server's own.
 */
import { readFileSync, statSync } from 'node:fs'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { attempts, give, type Kind, kinds } from '../support/descriptors'
import { docker } from '../support/docker-api'

const ways = {
  runc: ['-T', '--via', 'runc'],
  exec: ['-T', '--via', 'exec'],
  nsenter: ['-T', '--via', 'nsenter'],
  debug: ['-T', '--via', 'debug'],
  run: ['run'],
} as const

let made: Container
let root: string

beforeAll(async () => {
  made = await container({ image: 'debian' })
  root = `/proc/${(await docker().inspect(made.id)).State.Pid}/root`
})

let count = 0

/** Nothing of the caller's is to be had by the command inside, or changed by it. */
async function expectApart(kind: Kind, flags: readonly string[]) {
  const given = give(kind)
  const before = given.state()
  const report = `/tmp/report-${count++}`
  const words = [made.name, ...(flags[0] === 'run' ? ['--'] : []), 'sh', '-c', attempts(report)]
  await run([...flags, ...words], { under: given.under })
  const text = readFileSync(root + report, 'utf8')
  expect(text).toMatch(/^over$/m)
  expect(text).not.toMatch(/is a folder|leads on|the host/)
  expect(given.state()).toEqual(before)
  const streams = [...text.matchAll(/^\d is (\d+:\d+) (.*)$/gm)]
  expect(streams).toHaveLength(3)
  const inodes = given.inodes()
  for (const [, inode = '', leads = ''] of streams) {
    expect(inodes).not.toContain(inode)
    // Nor is it another of the host's: a pipe that has no name, or the container's own.
    if (/^pipe:\[\d+\]$/.test(leads)) continue
    expect(leads).toMatch(/^\/dev\/(null|pts\/\d+)$/)
    // A terminal is gone by now; its file system is not.
    expect(inode.split(':')[0]).toBe(String(statSync(`${root}${leads.replace(/\d+$/, '')}`).dev))
  }
}

describe.each(Object.entries(ways))('%s', (_, flags) => {
  test.each(kinds)('%s is not the command’s', (kind) => expectApart(kind, flags))
})

test('nor a terminal with one of its own inside, nor what is not to be read', async () => {
  await expectApart('a terminal', ['--via', 'nsenter'])
  await expectApart('a regular file', ['-t', '--via', 'nsenter'])
  await expectApart('a folder', ['-n', '--via', 'nsenter'])
})

test('the host’s own /dev/null is not the command’s either, and what it says to it is for nobody', async () => {
  const host = statSync('/dev/null')
  for (const via of ['nsenter', 'debug']) {
    const script =
      'stat -L -c %d:%i /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 >/tmp/nulls; cat; echo said; echo said >&2'
    const { code } = await run(['--via', via, made.name, 'sh', '-c', script], {
      under: ['sh', '-c', 'exec "$@" </dev/null >/dev/null 2>/dev/null', 'sh'],
    })
    expect(code).toBe(0)
    expect(readFileSync(`${root}/tmp/nulls`, 'utf8')).not.toContain(`${host.dev}:${host.ino}`)
  }
})
