/** The programs for a perl or a shell: each file, and each of them whole, as it goes into the words of a process. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ensurePackages } from '../../scripts/packages.mjs'
import { scriptText } from '../../scripts/script-text.cjs'
import askingSocket from '../../src/cli/docker-plugin/abstract-socket.pl'
import { runcSupervisorScript } from '../../src/lib/fleet/runc-supervisor-script'
import makingFile from '../../src/lib/host/memory-file.pl'
import { perlCalls } from '../../src/lib/host/perl-calls'
import { watchdogScript } from '../../src/lib/host/watchdog-script'
import { barrierFor } from '../../src/lib/inside/barrier'
import { watchdogArgv } from '../../src/lib/inside/watchdog'
import { takeWords } from '../../src/lib/inside/words-by-input'
import { look, replace } from '../../src/lib/keys/edit-scripts'
import { wayScript } from '../../src/lib/namespaces/enter'
import { helperInitArgv, supervisorArgv } from '../../src/lib/namespaces/remote'
import sending from '../../src/lib/session/send-file.pl'
import { besideServerScript, serverScript } from '../../src/lib/sftp/server-script'
import { carrierScript } from '../../src/lib/sockets/carrier-script'
import { makerScript } from '../../src/lib/sockets/maker-script'

const src = join(__dirname, '../../src')
const names = readdirSync(src, { recursive: true }).map(String).sort()
const textOf = (name: string) => readFileSync(join(src, name), 'utf8')
const sources = names.filter((name) => name.endsWith('.ts'))
const shellFiles = names.filter((name) => name.endsWith('.sh'))

beforeAll(() => ensurePackages({ shellcheck: 'shellcheck', busybox: 'busybox-static' }))

function run(program: string, words: readonly string[]) {
  const { error, status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (error) throw error
  return { status, stdout, stderr }
}

// It has no modules where it runs, `strict` among them.
test.each([
  ['that carries connections', carrierScript],
  ['that serves files from beside', besideServerScript],
])('the program %s knows all its variables', (_, program) => {
  expect(run('perl', ['-wc', '-e', `use strict;${program}`]).stderr).toBe('-e syntax OK\n')
})

test.each(
  Object.entries({
    'that enters namespaces': wayScript,
    'that holds a helper container': helperInitArgv(1)[6] ?? '',
    'that keeps a command from there': supervisorArgv(1, { uid: 0, gid: 0 })[6] ?? '',
    'that supervises a fleet': runcSupervisorScript,
    'that makes sockets': makerScript,
    'that carries connections': carrierScript,
    'that serves files': serverScript,
    'that serves files from beside': besideServerScript,
    'that makes a file in memory': `use strict;${perlCalls}${makingFile}`,
    'that sends a file': `use strict;${perlCalls}${sending}`,
    'that waits for the end of a socket': askingSocket,
  }),
)('the program %s is one for every perl', (_, program) => {
  expect(run('perl', ['-wc', '-e', program]).stderr).toBe('-e syntax OK\n')
})

const barrier = (options: Parameters<typeof barrierFor>[4]) =>
  barrierFor('sh', 'tag', ['true'], [], options).command[2] ?? ''

test.each(
  Object.entries({
    'of the barrier': barrier({}),
    'of the barrier that looks': barrier({ looks: true }),
    'of the barrier by descriptors': barrier({ apart: true }),
    'of the barrier by descriptors that looks': barrier({ apart: true, looks: true }),
    'of the watchdog': watchdogArgv('sh', 'tag')[2] ?? '',
    'of the watchdog beside a runtime': watchdogScript(false),
    'of the watchdog apart from it': watchdogScript(true),
    'that takes words': takeWords,
    'that reads authorized keys': look,
    'that writes authorized keys': replace,
    'that starts in a helper container': helperInitArgv(1)[2] ?? '',
  }),
)('the program %s is one for every shell', (_, program) => {
  for (const [shell = '', ...words] of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
    expect({ shell, ...run(shell, [...words, '-n', '-c', program]) }).toEqual({
      shell,
      status: 0,
      stdout: '',
      stderr: '',
    })
  }
})

test.each([['dash'], ['busybox', 'sh'], ['bash', '--posix']])(
  '%s beside a watchdog gives the program an empty pipe',
  async (shell, ...words) => {
    const look = 'readlink /proc/self/fd/4; timeout 0.2 cat </proc/self/fd/4'
    const argv = ['docker-bash', 'pipe', '', '', 'sh', '-c', look]
    const stdio: Array<'pipe' | 'ignore'> = Array.from({ length: 8 }, (_, fd) =>
      fd === 1 || fd === 7 ? 'pipe' : 'ignore',
    )
    const child = spawn(shell, [...words, '-c', watchdogScript(false), ...argv], { stdio })
    const said = text(child.stdout as Readable)
    await once(child, 'exit')
    ;(child.stdio as unknown as Writable[])[7]?.end('done\n')
    expect(await said).toMatch(/^pipe:\[\d+\]\n$/)
  },
)

/** How bash reads it: as the body of a function, which it prints in a form of its own. */
function read(program: string): string {
  const { status, stdout, stderr } = run('bash', ['-c', 'eval "f() {\n$1\n}" && declare -f f', 'bash', program])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

test.each(shellFiles)('%s means the same without its comments, and in one line', (name) => {
  const text = scriptText(textOf(name), name)
  expect(read(text)).toBe(read(textOf(name)))
  expect(text).not.toMatch(/^\s*# |\n\n/m)
  expect(text.includes('\n')).toBe(!name.endsWith('.line.sh'))
})

test('what has a tag behind it is one line', () => {
  for (const options of [{}, { looks: true }, { apart: true }, { apart: true, looks: true }])
    expect(barrier(options)).not.toContain('\n')
})

test('shellcheck has nothing to say', () => {
  const files = shellFiles.map((name) => join(src, name))
  expect(files.length).toBeGreaterThan(20)
  expect(run('shellcheck', ['-s', 'sh', '-f', 'gcc', ...files])).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('a check of shellcheck’s is disabled for a reason', () => {
  for (const name of shellFiles) {
    for (const [line] of textOf(name).matchAll(/^.*shellcheck disable.*$/gm))
      expect([name, line]).toEqual([name, expect.stringMatching(/^ *# shellcheck disable=SC\d+ # \S.*/)])
  }
})

test('their comments stay here', () => {
  for (const program of [wayScript, watchdogScript(false), look, replace]) {
    expect(program).not.toMatch(/^\s*# /m)
    expect(program).not.toMatch(/\n\n/)
  }
})

test('each file of a script is used', () => {
  for (const name of names.filter((one) => /\.(?:pl|sh)$/.test(one))) {
    const file = name.split('/').at(-1) ?? ''
    expect([name, sources.some((source) => textOf(source).includes(`/${file}'`))]).toEqual([name, true])
  }
})

test('no program stands in a string', () => {
  const words = sources.flatMap((name) =>
    [...textOf(name).matchAll(/'-[ce]',\s*(['"`][^-].*)/g)].map(([, word = '']) => [name, word.replace(/\].*/, '')]),
  )
  expect(words).toEqual([
    ['cli/forward/beside-nc.ts', "'read -r line'"],
    ['lib/transport/debug/copy.ts', "'read -r line'"],
    ['lib/transport/debug/sidecar.ts', "'read -r line'"],
  ])
  for (const name of sources) {
    const [found] = /\besac\b|; done\b|\bfi;|2>\/dev\/null/.exec(codeOf(textOf(name))) ?? []
    expect([name, found]).toEqual([name, undefined])
  }
})

/** Without comments. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}
