/** Which files the kernel runs, held against the kernel of this machine. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { obstacleOf, type ProgramFiles } from '../../../src/lib/transport/shared/obstacle'
import { filesOnHost } from '../../../src/lib/transport/shared/program-files'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'obstacle-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const program = readFileSync('/bin/true')
const patched = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(program)
  change(bytes)
  return bytes
}

test.each([
  ['#!/bin/sh\n', undefined, undefined],
  ['#! \t/bin/sh -e\n', undefined, undefined],
  ['#!/nosuch/sh\n', { why: 'gone', interpreter: '/nosuch/sh' }, 'ENOENT'],
  ['#!/bin/sh\r\n', { why: 'gone', interpreter: '/bin/sh\r' }, 'ENOENT'],
  ['#!/etc/passwd', { why: 'closed', interpreter: '/etc/passwd' }, 'EACCES'],
  ['#!/etc\n', { why: 'closed', interpreter: '/etc' }, 'EACCES'],
  ['#!SELF\n', { why: 'loop' }, 'ELOOP'],
  ['#!\n', { why: 'script' }, 'ENOEXEC'],
  ['exit 0\n', { why: 'script' }, 'ENOEXEC'],
  ['', { why: 'empty' }, 'ENOEXEC'],
  ['\x1f\x8b\x08', { why: 'data' }, 'ENOEXEC'],
  ['\x7fELF\x02\x01\x01', { why: 'broken' }, 'ENOEXEC'],
  [program, undefined, undefined],
  [patched((bytes) => bytes.writeUInt16LE(1, 16)), { why: 'broken' }, 'ENOEXEC'],
  [patched((bytes) => bytes.writeUInt16LE(55, 54)), { why: 'broken' }, 'ENOEXEC'],
  [patched((bytes) => bytes.writeUInt16LE(22, 18)), { why: 'machine' }, 'ENOEXEC'],
  [
    patched((bytes) => bytes.write('9', bytes.indexOf('.so.') + 4)),
    { why: 'gone', interpreter: expect.stringMatching(/^\/lib.*\.so\.9$/) },
    'ENOENT',
  ],
])('%#', async (text, obstacle, errno) => {
  const file = join(folder, 'x')
  writeFileSync(file, typeof text === 'string' ? text.replace('SELF', file) : text, { mode: 0o755, encoding: 'latin1' })
  const files: ProgramFiles = filesOnHost(process.pid)
  const seen = await obstacleOf(files, file, [], '/')
  const isTaught = files.taught && (obstacle?.why === 'machine' || obstacle?.why === 'data')
  expect(seen).toEqual(isTaught ? undefined : obstacle)
  expect(await obstacleOf(files, 'x', [`PATH=/nosuch:${folder}`], '/')).toEqual(seen)
  expect(await obstacleOf(files, './x', [], folder)).toEqual(seen)
  // Node's own has the shell's way for ENOEXEC; the kernel’s word comes by perl’s raw call.
  const { stdout } = spawnSync('perl', ['-e', exec, file], { encoding: 'latin1' })
  expect(stdout.trim()).toBe(errno ?? '')
})

const exec = `my $f = "$ARGV[0]\\0"; my $a = pack('p', $ARGV[0]) . pack('Q', 0); my $e = pack('Q', 0);
syscall(${process.arch === 'arm64' ? 221 : 59}, $f, $a, $e); $| = 1;
print {2 => 'ENOENT', 13 => 'EACCES', 40 => 'ELOOP', 8 => 'ENOEXEC'}->{$! + 0} // $! + 0`

test('what is not there is not an obstacle', async () => {
  expect(existsSync('/nosuch')).toBe(false)
  for (const name of ['/nosuch', 'nosuch', '', '/etc', '/etc/passwd'])
    expect(await obstacleOf(filesOnHost(process.pid), name, [], '/')).toBeUndefined()
})
