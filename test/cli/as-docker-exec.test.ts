/** What the README says is "as in docker exec", held against it: the same line by Docker's client and by every way. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dockerClient, type Result, run } from '../support/cli'
import { type Container, container, uniqueName } from '../support/containers'
import { docker } from '../support/docker-api'
import { boxes, group, type Line, lines, passwd, tables, type Way, ways } from '../support/docker-exec-lines'
import { scratch } from '../support/engine'

const made = new Map<string, { name: string; root: string }>()

beforeAll(async () => {
  for (const [name, { files = tables(passwd, group), ...options }] of Object.entries(boxes)) {
    const box: Container = await container({ image: 'busybox', ...options })
    const { State } = await docker().inspect(box.id)
    const root = `/proc/${State.Pid}/root`
    files(root)
    made.set(name, { name: box.name, root })
  }
})

async function byAll(line: Line) {
  const all = ['docker', ...ways, ...(line.debug ? ['debug'] : [])]
  const ended = await Promise.all(all.map(async (way) => [way, await once(way, line)] as const))
  return Object.fromEntries(ended)
}

async function once(way: string, { in: box = 'usual', flags = [], words, env = {}, input, makes }: Line) {
  const { name, root } = made.get(box) ?? { name: '', root: '' }
  const path = `/tmp/${uniqueName()}`
  const rest = [...flags.map(written), name, ...words.map((word) => word.replaceAll('@', path))]
  const options = { env, ...(input !== undefined && { input }) }
  const { code, stdout, stderr }: Result = await (way === 'docker'
    ? dockerClient(['exec', ...(input === undefined ? [] : ['-i']), ...rest], options)
    : run(['--via', way, ...rest], options))
  return { code, stdout: stdout.toString(), stderr, ...(makes && { made: look(join(root, path)) }) }
}

/** A word that stands for a file is that file. */
function written(word: string): string {
  const [name = '', text] = word.split('\0')
  if (text === undefined) return word
  const path = join(scratch('vars'), name)
  writeFileSync(path, text)
  return path
}

function look(path: string): string {
  const { uid, gid, mode } = statSync(path)
  return `${uid}:${gid} ${mode.toString(8)} ${readFileSync(path, 'utf8')}`
}

test.each(Object.entries(lines))('%s', async (_, line) => {
  const { docker: right, ...others } = await byAll(line)
  if (!right) throw new Error('not run')
  const differences = [line.differs ?? []].flat()
  // Where docker exec refuses, so do we, in our own way.
  if (differences.some(({ by }) => !by)) expect(right).not.toMatchObject({ code: 0 })
  const wanted = Object.keys(others).map((way) => {
    const own = differences.find(({ by }) => by?.includes(way as Way) ?? true)
    const { code, stdout = '', says = /./ } = own ?? {}
    if (own) return [way, { code, stdout, stderr: expect.stringMatching(says) }]
    // What the runtime or the command says in there is theirs.
    return [way, { ...right, stderr: right.stderr === '' ? '' : expect.stringMatching(/./) }]
  })
  expect(others).toEqual(Object.fromEntries(wanted))
})
