/** The barrier's text, run by the real shells of this host. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePackages } from '../../../scripts/packages.mjs'
import { barrierFor, readBarrier, readBlocked } from '../../../src/lib/inside/barrier'

/** By name: the words that start it. bash takes a socket for a remote shell's and would read its rc file. */
const shells: [string, string[]][] = [
  ['dash', ['dash']],
  ['bash', ['bash', '--norc']],
  ['bash as sh', ['bash', '--norc', '--posix']],
  ['busybox', ['busybox', 'sh']],
  ['zsh', ['zsh', '-f']],
]

beforeAll(() => ensurePackages({ zsh: 'zsh', busybox: 'busybox-static' }))

/** Passes the barrier and returns what came before and behind it. */
function pass(
  shell: readonly string[],
  words: string[],
  env: Record<string, string>,
  go: string | null = 'go\n',
  looks = false,
) {
  const tag = 'docker-bash:test'
  const entries = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const { command, variables } = barrierFor('sh', tag, words, entries, { looks })
  const [, ...rest] = command
  const whole = {
    ...env,
    ...Object.fromEntries(variables.map((one) => [one.split('=')[0], one.slice(one.indexOf('=') + 1)])),
  }
  const [program = '', ...args] = [`/bin/${shell[0]}`, ...shell.slice(1), ...rest]
  const child = spawn(program, args, { env: whole, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  if (go === null) child.stdin.end()
  else child.stdin.write(go)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return {
    child,
    ended: new Promise<{ code: number | null; read: ReturnType<typeof readBarrier>; stderr: string }>((resolve) => {
      child.once('close', (code) => {
        resolve({ code, read: readBarrier(Buffer.concat(out), tag), stderr: Buffer.concat(err).toString() })
      })
    }),
  }
}

const PATH = '/usr/local/bin:/usr/bin:/bin'

describe.each(shells)('in %s', (_, shell) => {
  test('the command runs under the PID that was said, with its arguments', async () => {
    const { child, ended } = pass(shell, ['sh', '-c', 'echo "$$ $1|$2"', 'sh', 'a b', "it's $HOME"], { PATH })
    child.stdin.end()
    const { code, read } = await ended
    expect(code).toBe(0)
    expect(read?.behind.toString()).toBe(`${read?.word.pid} a b|it's $HOME\n`)
    expect(read?.word).toEqual({ pid: child.pid, status: 0 })
  })
  test('its input is not touched beyond the one line', async () => {
    const { child, ended } = pass(shell, ['cat'], { PATH }, 'go\nfirst\n\nlast')
    child.stdin.end()
    expect((await ended).read?.behind.toString()).toBe('first\n\nlast')
  })
  test.each([
    [['nosuch'], 127],
    [['/nosuch/program'], 127],
    [['/etc/passwd'], 126],
    [['/etc'], 126],
    [[''], 127],
  ])('%j is found out before anything runs', async (words, status) => {
    const { code, read, stderr } = await pass(shell, words, { PATH }).ended
    expect({ code, status: read?.word.status, stderr }).toEqual({ code: status, status, stderr: '' })
  })
  test('the end of input in front of it means that nobody is there: nothing runs', async () => {
    const { code, read } = await pass(shell, ['sh', '-c', 'echo ran'], { PATH }, null).ended
    expect({ code, behind: read?.behind.toString() }).toEqual({ code: 129, behind: '' })
  })
  test.each([
    ['#!/nosuch/sh\n', 127, 'gone /nosuch/sh'],
    ['#! \t/bin/sh\r\necho ran\r\n', 127, 'gone /bin/sh\r'],
    ['#!/etc -x\n', 126, 'closed /etc'],
    ['#!/etc/passwd', 126, 'closed /etc/passwd'],
    ['#! \n', 126, 'script'],
    ['echo ran\n', 126, 'script'],
    ['', 126, 'empty'],
    ['#!SELF\n', 126, 'loop'],
    ['\x7fELFbroken\n', 126, 'broken'],
  ])('of what the kernel does not run it says so, and no shell runs it: %j', async (text, code, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'barrier-'))
    const file = join(folder, 'tool')
    writeFileSync(file, text.replace('SELF', file), { mode: 0o755 })
    try {
      for (const words of [[file], ['tool']]) {
        const { child, ended } = pass(shell, words, { PATH: `/nosuch:${folder}:${PATH}` }, 'go\n', true)
        child.stdin.end()
        const { code: ended_, read, stderr } = await ended
        expect({ code: ended_, status: read?.word.status, stderr }).toEqual({ code, status: 0, stderr: '' })
        expect(readBlocked(read?.behind ?? Buffer.alloc(0), 'docker-bash:test')).toEqual({ code, why })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('what the kernel runs, it lets go: a program, a script, a script of a script', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'barrier-'))
    const [one, other] = [join(folder, 'one'), join(folder, 'other')]
    writeFileSync(one, '#! /bin/sh -e\necho "ran $1"\n', { mode: 0o755 })
    writeFileSync(other, `#!${one}\n`, { mode: 0o755 })
    try {
      for (const [words, said] of [
        [['/bin/echo', 'ran'], 'ran\n'],
        [[one, 'x'], 'ran x\n'],
        [[other], `ran ${other}\n`],
      ] as const) {
        const { child, ended } = pass(shell, [...words], { PATH }, 'go\n', true)
        child.stdin.end()
        const { code, read } = await ended
        expect({ code, said: read?.behind.toString() }).toEqual({ code: 0, said })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  test('the environment comes out as it went in', async () => {
    const env = {
      PATH,
      'dotted.name': 'a b',
      UID: '7',
      OLDPWD: '/old',
      SHLVL: '41',
      multi: 'one\ntwo',
      HOME: '/x',
      t: '1',
      p: '2',
      _dbn: 'not ours',
      _dbv0: 'nor this',
    }
    const { child, ended } = pass(shell, ['env', '-0'], env)
    child.stdin.end()
    const seen = (await ended).read?.behind.toString().split('\0').filter(Boolean) ?? []
    expect(seen.sort()).toEqual(
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    )
  })
  test.each([{}, { 'dotted.name': '1' }])('without a PATH, beside %j, there is none', async (more) => {
    const { child, ended } = pass(shell, ['/usr/bin/env', '-0'], { HOME: '/', ...more })
    child.stdin.end()
    const wanted = ['HOME=/', ...Object.entries(more).map(([name, value]) => `${name}=${value}`)]
    expect((await ended).read?.behind.toString().split('\0').filter(Boolean).sort()).toEqual(wanted.sort())
  })
  test('a small environment gains nothing', async () => {
    const { child, ended } = pass(shell, ['env', '-0'], { PATH, HOME: '/' })
    child.stdin.end()
    expect((await ended).read?.behind.toString().split('\0').sort()).toEqual(['', 'HOME=/', `PATH=${PATH}`])
  })
})

test('an empty part of PATH is the folder we are in, and a file that is not a program does not hide a later one', () => {
  const folder = execFileSync('mktemp', ['-d']).toString().trim()
  execFileSync('sh', ['-c', 'echo no >tool; mkdir p; printf "#!/bin/sh\\necho yes" >p/tool; chmod +x p/tool'], {
    cwd: folder,
  })
  const run = (PATH: string) => {
    const [, ...args] = barrierFor('sh', 'tag', ['tool'], [`PATH=${PATH}`]).command
    return execFileSync('/bin/sh', args, { env: { PATH }, cwd: folder, input: 'go\n' }).toString()
  }
  expect(run(`:${folder}/p:/bin`)).toMatch(/ 0\nyes/)
  expect(run(`${folder}/none::p`)).toMatch(/ 0\nyes/)
  execFileSync('rm', ['-r', folder])
})

test('the line is found behind what a dynamic loader says, and only when it is whole', () => {
  const tag = 'docker-bash:abc'
  expect(readBarrier(Buffer.from('docker-bash:ab'), tag)).toBeUndefined()
  expect(readBarrier(Buffer.from(`noise\n${tag} 12 0`), tag)).toBeUndefined()
  const read = readBarrier(Buffer.from(`noise\r\n${tag} 12 0\r\nafter`), tag)
  expect(read?.word).toEqual({ pid: 12, status: 0 })
  expect([read?.before.toString(), read?.behind.toString()]).toEqual(['noise\r\n', 'after'])
})

test('a shell that could not become the command says so under the tag; all else is the command’s', () => {
  const tag = 'docker-bash:abc'
  const read = (text: string) => readBlocked(Buffer.from(text), tag)
  expect(read(`${tag}: 1: exec: /x: not found\n`)).toEqual({ code: 127, why: '' })
  expect(read(`${tag}: exec: line 0: /x: Permission denied\r\n`)).toEqual({ code: 126, why: '' })
  expect(read(`${tag} 127 gone /bin/sh\r .\r\n`)).toEqual({ code: 127, why: 'gone /bin/sh\r' })
  for (const text of ['', 'docker-bash:', `x${tag}: y`, 'docker-bash:abd 127 gone /x .'])
    expect(read(text)).toBeUndefined()
})
