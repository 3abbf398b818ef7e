/** Where a copy goes, and what it is: between two servers of files, as `docker cp` has it. Neither root nor an engine. */
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { copyTree, lookOf } from '../../../src/lib/copy/copy'
import { land, lookAtSource } from '../../../src/lib/copy/landing'
import { type CopyOptions, Tally } from '../../../src/lib/copy/tally'
import { FileServer } from '../../../src/lib/sftp/server'
import { temporary } from '../../support/temporary'

const options = { archive: false, keep: false, mayOwn: false }

let from: FileServer
let into: FileServer
let folder: string
beforeAll(async () => {
  from = await FileServer.start(undefined)
  into = await FileServer.start(undefined, from)
})
afterAll(() => Promise.all([from.close(), into.close()]))

beforeEach(() => {
  folder = temporary('copy')
  sh(`mkdir from to
    cd from; printf 1 > file1; printf 2 > file2; printf . > dotfile.
    mkdir -p dir1/sub dir2 dir. ; printf a > dir1/a; printf b > dir1/sub/b; printf c > dir2/c; printf d > dir./d
    ln -s file1 linkToFile; ln -s dir1 linkToDir; ln -s nothing dangling
    cd ../to; printf old > file1; printf old > file2; mkdir -p dir1 dir2
    ln -s file1 linkToFile1; ln -s dir1 linkToDir1; ln -s made linkToNothing`)
})
afterEach(() => rmSync(folder, { recursive: true }))

function sh(script: string): string {
  return execFileSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8' })
}

/** Every path below: a file's bytes, where a link leads, `/` for a folder. */
function tree(top: string, front = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(top, { withFileTypes: true }).flatMap((entry) => {
      const [path, name] = [join(top, entry.name), `${front}${entry.name}`]
      if (entry.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]]
      if (!entry.isDirectory()) return [[name, readFileSync(path, 'utf8')]]
      return [[name, '/'], ...Object.entries(tree(path, `${name}/`))]
    }),
  )
}

async function copy(
  source: string,
  to: string,
  { follow = false, many = false, more = {} as Partial<CopyOptions> } = {},
): Promise<string[]> {
  const missed: string[] = []
  const tally = new Tally((name, because) => missed.push(`${name}: ${because}`))
  const abort = new AbortController().signal
  const path = (word: string) => `${folder}/${word}`
  const seen = await lookAtSource(lookOf(from.client), path(`from/${source}`), source, follow)
  const landing = await land(lookOf(into.client), seen, { path: path(`to/${to}`), word: to, many })
  await copyTree(from.client, into.client, seen, landing, { options: { ...options, ...more }, tally, abort })
  return missed
}

const dir1 = (at: string) => ({ [at]: '/', [`${at}/a`]: 'a', [`${at}/sub`]: '/', [`${at}/sub/b`]: 'b' })

const well: [id: string, source: string, to: string, changed: Record<string, string>][] = [
  ['A', 'file1', 'new.txt', { 'new.txt': '1' }],
  ['C', 'file1', 'file2', { file2: '1' }],
  ['D1', 'file2', 'dir1', { 'dir1/file2': '2' }],
  ['D2', 'file2', 'dir1/', { 'dir1/file2': '2' }],
  ['E1', 'dir1', 'new', dir1('new')],
  ['E2', 'dir1', 'new/', dir1('new')],
  ['G1', 'dir1', 'dir2', dir1('dir2/dir1')],
  ['G2', 'dir1', 'dir2/', dir1('dir2/dir1')],
  ['H1', 'dir1/.', 'new', dir1('new')],
  ['H2', 'dir1/.', 'new/', dir1('new')],
  ['J1', 'dir1/.', 'dir2', { 'dir2/a': 'a', 'dir2/sub': '/', 'dir2/sub/b': 'b' }],
  ['J2', 'dir1/.', 'dir2/', { 'dir2/a': 'a', 'dir2/sub': '/', 'dir2/sub/b': 'b' }],
  ['S1', 'file2', 'linkToFile1', { file1: '2' }],
  ['S2', 'file2', 'linkToDir1', { 'dir1/file2': '2' }],
  ['S3', 'file2', 'linkToNothing', { made: '2' }],
  ['S4', 'dir2', 'linkToDir1', { 'dir1/dir2': '/', 'dir1/dir2/c': 'c' }],
  ['S5', 'dir2', 'linkToNothing', { made: '/', 'made/c': 'c' }],
  ['L1', 'linkToFile', '.', { linkToFile: '-> file1' }],
  ['L3', 'linkToDir', '.', { linkToDir: '-> dir1' }],
  ['L4', 'linkToDir/', '.', dir1('linkToDir')],
  ['L5', 'linkToDir/.', '.', { a: 'a', sub: '/', 'sub/b': 'b' }],
  ['L6', 'dangling', '.', { dangling: '-> nothing' }],
  ['T1', 'dotfile.', '.', { 'dotfile.': '.' }],
  ['T2', 'dir.', 'new', { new: '/', 'new/d': 'd' }],
]

test.each(well)('%s: %s to %s', async (_, source, to, changed) => {
  const before = tree(join(folder, 'to'))
  expect(await copy(source, to)).toEqual([])
  expect(tree(join(folder, 'to'))).toEqual({ ...before, ...changed })
})

test('L2: with -L the file that a link leads to, under the name of the link', async () => {
  await copy('linkToFile', '.', { follow: true })
  expect(tree(join(folder, 'to'))).toMatchObject({ linkToFile: '1' })
  await copy('linkToDir', '.', { follow: true })
  expect(tree(join(folder, 'to'))).toMatchObject(dir1('linkToDir'))
})

const badly: [id: string, source: string, to: string, message: string][] = [
  ['B', 'file1', 'newdir/', 'newdir/: there is no such folder'],
  ['F', 'dir1', 'file1', 'file1 is a file, and dir1 a folder'],
  ['I', 'dir1/.', 'file1', 'file1 is a file, and dir1/. a folder'],
  ['N1', 'missing', 'x', 'missing: no such file or folder'],
  ['N2', 'file1/', 'x', 'file1/: not a folder'],
  ['N3', 'file1', 'nodir/x', 'is not there'],
  ['N4', 'file1', 'file2/', 'file2/: not a folder'],
  ['N5', 'dir1', 'nodir/new/', 'is not there'],
  ['S6', 'file1', 'linkToNothing/', 'linkToNothing/: there is no such folder'],
]

test.each(badly)('%s: %s to %s is refused, and nothing is made', async (_, source, to, message) => {
  const before = tree(join(folder, 'to'))
  await expect(copy(source, to)).rejects.toThrow(message)
  expect(tree(join(folder, 'to'))).toEqual(before)
})

test('O1, O2: a file does not replace a folder, nor a folder a file, nor a link; the rest is copied', async () => {
  sh(
    'mkdir -p to/t/a to/t; printf x > to/t/sub; mkdir from/t; cd from/t; printf 1 > a; mkdir sub more; printf 2 > more/y',
  )
  sh('cd to; mkdir real; ln -s ../real t/more')
  expect((await copy('t', '.')).sort()).toEqual([
    't/a: a folder has that name',
    't/more: what has that name there is not a folder',
    't/sub: what has that name there is not a folder',
  ])
  expect(tree(join(folder, 'to'))).toMatchObject({ 't/sub': 'x', 't/more': '-> ../real', 't/a': '/', real: '/' })
  expect(readdirSync(join(folder, 'to/real'))).toEqual([])
})

test('T3: names of any length and of any bytes; holes; hard links; modes and times', async () => {
  const long = 'n'.repeat(255)
  sh(`mkdir from/t; cd from/t; printf x > ${long}; printf y > "$(printf 'caf\\351')"; printf h > one; ln one two
    truncate -s 300M hole; printf e >> hole; chmod 4750 one; touch -d @1000000000 one; mkfifo pipe`)
  expect(await copy('t', '.')).toEqual(['t/pipe: a FIFO: copied with -a alone'])
  expect(
    sh(
      "cd to/t; stat -c '%s %a %h %Y' one; cat \"$(printf 'caf\\351')\"; [ one -ef two ] && echo same; cmp ../../from/t/hole hole; du -k hole | cut -f 1",
    ),
  ).toMatch(/^1 750 2 1000000000\nysame\n\d{1,3}\n$/)
  expect(lstatSync(join(folder, 'to/t', long)).size).toBe(1)
})

test('a deep way, longer than a path may be', async () => {
  const down = (top: string, end: string) =>
    execFileSync(
      'perl',
      ['-e', `chdir $ARGV[0]; for (1 .. 25) { mkdir 'd' x 200; chdir 'd' x 200 or die } ${end}`, top],
      {
        encoding: 'utf8',
      },
    )
  mkdirSync(join(folder, 'from/deep'))
  down(join(folder, 'from/deep'), `open F, '>file'; print F 'end'`)
  expect(await copy('deep', '.')).toEqual([])
  expect(down(join(folder, 'to/deep'), 'open F, "file"; print <F>')).toBe('end')
  sh('rm -r to/deep from/deep')
})

test('a folder is not copied into itself', async () => {
  mkdirSync(join(folder, 'from/dir1/in'))
  const missed: string[] = []
  const tally = new Tally((name, because) => missed.push(`${name}: ${because}`))
  const look = lookOf(from.client)
  const seen = await lookAtSource(look, `${folder}/from/dir1`, 'dir1', false)
  const landing = await land(look, seen, { path: `${folder}/from/dir1/in`, word: 'in', many: false })
  await copyTree(from.client, into.client, seen, landing, { options, tally, abort: new AbortController().signal })
  expect(missed).toEqual(['dir1/in: it is what is copied into'])
  expect(readdirSync(join(folder, 'from/dir1/in/dir1')).sort()).toEqual(['a', 'sub'])
  expect(existsSync(join(folder, 'from/dir1/in/dir1/in'))).toBe(false)
})

test('many small files: their modes and times, links of several names, a folder in the way; none left beside', async () => {
  sh(`mkdir -p from/t/x; cd from/t; for i in $(seq 700); do printf $i > f$i; printf $i > x/f$i; done
    : > empty; ln f1 again; chmod 4751 f2; chmod 600 f3; touch -d @1000000000 f4; head -c 200000 /dev/zero > large
    mkdir -p ../../to/t/x/f5/in; printf old > ../../to/t/x/f6`)
  expect(await copy('t', '.')).toEqual(['t/x/f5: a folder has that name'])
  sh('rmdir to/t/x/f5/in to/t/x/f5; printf 5 > to/t/x/f5')
  expect(tree(join(folder, 'to/t'))).toEqual(tree(join(folder, 'from/t')))
  expect(sh("cd to/t; stat -c '%n %a %h %Y' f1 f2 f3 f4 | sed 's/ 1[1-9]........$//'")).toBe(
    'f1 644 2\nf2 751 1\nf3 600 1\nf4 644 1 1000000000\n',
  )
})

test('many small files in a folder that gives its group', async () => {
  sh('mkdir from/t; cd from/t; for i in $(seq 20); do printf $i > f$i; done; mkdir ../../to/t; chmod 2755 ../../to/t')
  const isRoot = process.getuid?.() === 0
  if (isRoot) sh('chgrp 4321 to/t; chmod 2755 to/t')
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  expect(await copy('t', '.', { more: { mayOwn: isRoot, owner } })).toEqual([])
  expect(sh("stat -c '%u:%g %a' to/t/* | sort -u")).toBe(`${owner.uid}:${owner.gid} 644\n`)
})
