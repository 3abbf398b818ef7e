/** What stands behind a descriptor of a command’s, a hostile container has chosen: root opens nothing but a terminal by it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { openTerminal, restoreNewlines } from '../../src/lib/transport/runc/console'
import { temporary } from '../support/temporary'

const O_PATH = 0o10000000
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** A process whose stderr is what is at a path, without having opened it: so a container gets at any device's node. */
async function holding(path: string): Promise<number> {
  const fd = openSync(path, O_PATH)
  const child = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', fd] })
  closeSync(fd)
  children.push(child)
  await once(child, 'spawn')
  return child.pid ?? 0
}

const node =
  (...words: string[]) =>
  (path: string) => {
    expect(spawnSync('mknod', [path, ...words]).status).toBe(0)
  }
test.each<[string, (path: string) => void]>([
  ['a FIFO', node('p')],
  ['a device that is not a terminal', node('c', '1', '3')],
  ['a terminal’s number at a node of one’s own', node('c', '136', '0')],
  ['the maker of terminals', node('c', '5', '2')],
  ['a file', (path) => writeFileSync(path, '')],
  ['a folder', (path) => void mkdirSync(path)],
])('%s is not opened', async (_, make) => {
  const path = join(temporary('device'), 'it')
  make(path)
  expect(openTerminal(path)).toBeUndefined()
  expect(openTerminal(`/proc/${await holding(path)}/fd/2`)).toBeUndefined()
})

test('not even for a moment', async () => {
  const path = join(temporary('device'), 'it')
  node('p')(path)
  // Goes on as soon as anybody opens the other end, and keeps its own.
  const writer = spawn('sh', ['-c', 'echo waits; exec 3>"$0"; exec sleep 1000', path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(writer)
  await once(writer.stdout, 'data')
  await restoreNewlines(await holding(path))
  expect(existsSync(`/proc/${writer.pid}/fd/3`)).toBe(false)
})

test('a terminal is', async () => {
  const maker = spawn('script', ['-qec', 'echo $$; exec sleep 1000', '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  children.push(maker)
  const [said] = (await once(maker.stdout, 'data')) as [Buffer]
  const terminal = openTerminal(`/proc/${Number(said.toString())}/fd/2`) ?? -1
  expect(isatty(terminal)).toBe(true)
  closeSync(terminal)
})
