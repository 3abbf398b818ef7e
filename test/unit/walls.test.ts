import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { faults, sourcesIn } from '../../scripts/walls.mjs'

const root = resolve(__dirname, '../..')
const tree = sourcesIn(root)

/** What is said of the tree when a file has more in it. */
function faultsWith(path: string, more: string): string[] {
  return faults({ ...tree, [path]: `${tree[path] ?? ''}${more}\n` })
}

test('the tree keeps to its table', () => {
  expect(Object.keys(tree).length).toBeGreaterThan(300)
  expect(faults(tree)).toEqual([])
})

describe('an import against the table', () => {
  test.each([
    ['src/commands/ls.ts', '../entry/stdio', 'commands may not import entry (src/entry/stdio.ts)'],
    ['src/cli/flags.ts', '../commands/init', 'cli may not import commands (src/commands/init.ts)'],
    ['src/cli/flags.ts', '../entry/stdio', 'cli may not import entry'],
    ['src/lib/argv.ts', '../cli/run-profile', 'lib/argv may not import cli'],
    ['src/lib/argv.ts', '../commands/init', 'lib/argv may not import commands'],
    ['src/lib/host/perl.ts', '../engine/status', 'lib/host may not import lib/engine'],
    ['src/lib/host/perl.ts', '../ssh/survey.sh', 'lib/host may not import lib/ssh'],
    ['src/lib/model.ts', './errors', 'lib/model may not import lib/errors'],
    ['src/lib/plan.ts', './engine/status', 'lib/plan may not import lib/engine'],
    ['src/lib/ssh/timing.ts', '../keys/snippet', 'lib/ssh may not import lib/keys'],
    ['src/lib/transport/ssh/choice.ts', '../runc/argv', 'lib/transport/ssh may not import lib/transport/runc'],
    ['src/lib/transport/shared/deps.ts', '../predict', 'lib/transport/shared may not import lib/transport'],
    ['src/lib/target/names.ts', '../transport/exec/typed', 'lib/target may not import lib/transport/exec'],
    ['src/lib/complete/reply.ts', '../engine/status', 'lib/complete may not import lib/engine'],
    ['src/lib/keys/lines.ts', '../target/find', 'lib/keys may not import lib/target'],
    ['src/lib/newcomer.ts', './errors', 'has no room lib/newcomer'],
  ])('%s of %s', (path, name, words) => {
    expect(faultsWith(path, `import '${name}'`).join('\n')).toContain(`${path}: `)
    expect(faultsWith(path, `import '${name}'`).join('\n')).toContain(words)
  })

  test.each([
    "import type { Program } from '../entry/stdio'",
    "import {\n  type Program,\n  other,\n} from '../entry/stdio'",
    "import Program, { other } from '../entry/stdio'",
    "import * as stdio from '../entry/stdio'",
    "export * from '../entry/stdio'",
    "export type { Program } from '../entry/stdio'",
    "const late = () => import('../entry/stdio')",
    "const { other } = require('../entry/stdio') as typeof import('../entry/stdio')",
  ])('whatever its form: %s', (line) => {
    expect(faultsWith('src/cli/flags.ts', line).join('\n')).toContain('cli may not import entry')
  })
})

test.each([
  ['src/lib/text/quote.ts', '@oclif/core/flags', '@oclif/core is for cli and commands alone'],
  ['src/entry/dl.ts', '@oclif/core', '@oclif/core is for cli and commands alone'],
  ['src/cli/list.ts', 'dockerode', 'dockerode is for lib/engine alone'],
  ['src/lib/target/find.ts', 'dockerode', 'dockerode is for lib/engine alone'],
  ['src/lib/keys/store.ts', 'ssh2', 'ssh2 is for lib/ssh and lib/transport/ssh alone'],
  ['src/cli/list.ts', 'left-pad', 'has no library left-pad'],
])('a library where it has no place: %s of %s', (path, name, words) => {
  expect(faultsWith(path, `import type { One } from '${name}'`)).toEqual([expect.stringContaining(`${path}: `)])
  expect(faultsWith(path, `import type { One } from '${name}'`)).toEqual([expect.stringContaining(words)])
})

describe('what the engine is asked by is for its room alone', () => {
  test.each([
    ['src/lib/target/find.ts', "import { client } from '../engine/client'"],
    ['src/lib/transport/exec/exec.ts', "import type { Client } from '../../engine/client'"],
    ['src/cli/engine.ts', "import { HttpClient } from '../lib/engine/client'"],
    ['src/lib/ssh/secret.ts', "import { dockerode } from '../engine/dockerode'"],
    ['src/lib/target/find.ts', "import { Wire } from '../engine/wire'"],
    ['src/lib/transport/shared/output.ts', "import { NoAnswer } from '../../engine/http1'"],
    ['src/entry/dl.ts', "const late = () => import('../lib/engine/route')"],
  ])('%s: %s', (path, line) => {
    expect(faultsWith(path, line).join('\n')).toMatch(/: src\/lib\/engine\/\w+\.ts is for lib\/engine alone/)
  })

  test.each([
    'const path = `/containers/${id}/json`',
    "const answer = engine.ask({ method: 'GET', path: '/info' })",
    'const list = "/tasks?filters={}"',
  ])('so are the paths of its API: %s', (line) => {
    expect(faultsWith('src/lib/target/find.ts', line)).toEqual([
      expect.stringMatching(/^src\/lib\/target\/find\.ts: ['"`]\/\w+… is a path of the engine's API: /),
    ])
    expect(faultsWith('src/lib/engine/look-up.ts', line)).toEqual([])
  })

  test.each(["// '/info' says so", ' * `/_ping`', "const path = '/containerscope'", "const file = '/etc/info/'"])(
    'and not %s',
    (line) => {
      expect(faultsWith('src/lib/target/find.ts', line)).toEqual([])
    },
  )
})

test('imports in a circle, of types too', () => {
  expect(faultsWith('src/lib/engine/status.ts', "import type { Engine } from './engine'").join('\n')).toMatch(
    /imports in a circle: .*src\/lib\/engine\/status\.ts/,
  )
})

test('an exit that is not in entry', () => {
  expect(faultsWith('src/cli/list.ts', 'process.exit(1)')).toEqual([
    'src/cli/list.ts: process.exit is for src/entry alone: throw, or return a code',
  ])
  expect(faultsWith('src/cli/list.ts', 'process.exitCode = 1')).toEqual([])
})

test('a command that is more than its flags and one call', () => {
  expect(faultsWith('src/commands/ls.ts', '\n'.repeat(60))).toEqual([
    expect.stringMatching(/^src\/commands\/ls\.ts: \d+ lines, and a command has 60: /),
  ])
})

test('said by lint', () => {
  const copy = mkdtempSync(join(tmpdir(), 'walls-'))
  const lint = () => spawnSync(process.execPath, [join(root, 'scripts', 'walls.mjs'), copy], { encoding: 'utf8' })
  try {
    cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true })
    expect(lint()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    writeFileSync(join(copy, 'src', 'lib', 'argv.ts'), "import '../entry/main'\n")
    expect(lint()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('src/lib/argv.ts: lib/argv may not import entry (src/entry/main.ts)'),
    })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
