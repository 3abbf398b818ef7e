/** Files into, out of and between containers, by root’s way and by the engine’s archives. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { asNobody } from '../support/nobody'
import { until } from '../support/until'

let box: Container
let here: string
beforeAll(async () => {
  box = await container({ image: 'busybox', user: '1234:5678', hostConfig: { Tmpfs: { '/mem': 'mode=1777' } } })
  here = scratch('cp')
  chmodSync(here, 0o777)
})

const said = ({ code, stdout, stderr }: { code: number | null; stdout: Buffer; stderr: string }) => ({
  ...{ code, stdout: stdout.toString(), stderr },
})
const well = { code: 0, stdout: '', stderr: '' }
const inside = async (script: string, name = box.name) =>
  (await run(['-u', '0', name, 'sh', '-c', script])).stdout.toString()

/** A folder of ours, made new. */
function fresh(name: string): string {
  const folder = join(here, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  return folder
}

const ways = [
  ['by its mount namespace', [] as string[]],
  ['by the engine’s archives', undefined],
] as const
const under = (words: readonly string[] | undefined) => ({ under: words ?? asNobody() })

describe.each(ways)('%s', (way, words) => {
  /** Each row in a folder of its own on both sides: `here` is ours, `there` the container’s. */
  const rows: [id: string, source: string, to: string, expected: string[]][] = [
    ['A', 'file1', 'new.txt', ['new.txt']],
    ['B', 'file1', 'newdir/', []],
    ['C', 'file1', 'file2', []],
    ['D1', 'file1', 'dir2', ['dir2/file1']],
    ['D2', 'file1', 'dir2/', ['dir2/file1']],
    ['E1', 'dir1', 'new', ['new', 'new/a', 'new/sub', 'new/sub/b']],
    ['E2', 'dir1', 'new/', ['new', 'new/a', 'new/sub', 'new/sub/b']],
    ['F', 'dir1', 'file2', []],
    ['G1', 'dir1', 'dir2', ['dir2/dir1', 'dir2/dir1/a', 'dir2/dir1/sub', 'dir2/dir1/sub/b']],
    ['H1', 'dir1/.', 'new', ['new', 'new/a', 'new/sub', 'new/sub/b']],
    ['J1', 'dir1/.', 'dir2', ['dir2/a', 'dir2/sub', 'dir2/sub/b']],
    ['N1', 'missing', 'x', []],
    ['N2', 'file1/', 'x', []],
    ['N3', 'file1', 'nodir/x', []],
    ['N4', 'file1', 'file2/', []],
    ['N5', 'dir1', 'nodir/new/', []],
    ['S2', 'file1', 'linkToDir', ['real/file1']],
    ['S3', 'file1', 'dangling', ['made']],
    ['S6', 'file1', 'dangling/', []],
    ['L1', 'linkToFile', '.', ['linkToFile']],
    ['L4', 'linkToDir1/', '.', ['linkToDir1', 'linkToDir1/a', 'linkToDir1/sub', 'linkToDir1/sub/b']],
    ['T1', 'dotfile.', '.', ['dotfile.']],
    ['T3', 'n'.repeat(101), '.', ['n'.repeat(101)]],
  ]
  const refused = new Set(['B', 'F', 'N1', 'N2', 'N3', 'N4', 'N5', 'S6'])
  const from = `cd "$1"; mkdir -p dir1/sub; for f in file1 dotfile. dir1/a dir1/sub/b ${'n'.repeat(101)}; do echo new > $f; done
    ln -s file1 linkToFile; ln -s dir1 linkToDir1`
  const to = 'cd "$1"; mkdir dir2 real; echo old > file2; ln -s real linkToDir; ln -s made dangling'
  const list = (folder: string) => `cd ${folder}; find . | cut -c 3- | grep . | sort`

  test('each row of where a copy goes, into it and out of it', async () => {
    const folder = fresh('rows')
    const script = rows.map(
      (_, at) => `mkdir -p $1/${at}/from $1/${at}/to; (set -- $1/${at}/from; ${from}); (set -- $1/${at}/to; ${to})`,
    )
    const make = script.join('\n')
    execFileSync('sh', ['-ec', make, 'sh', folder])
    execFileSync('chmod', ['-R', 'a+rwX', folder])
    await inside(`rm -rf /rows; mkdir /rows; set -- /rows; ${make}`)
    const results: unknown[] = []
    for (const [at, [id, source, target]] of rows.entries()) {
      const [into, out] = await Promise.all(
        [
          [`${folder}/${at}/from/${source}`, `${box.name}:/rows/${at}/to/${target}`],
          [`${box.name}:/rows/${at}/from/${source}`, `${folder}/${at}/to/${target}`],
        ].map((pair) => run(['cp', ...pair], under(words))),
      )
      // A busy machine's engine is waited for, and that is said.
      const errors = [into, out].map((one) => one?.stderr.replace(/^docker-bash: waiting for the engine.*\n/gm, ''))
      results.push([id, into?.code, out?.code, ...(into?.code || out?.code ? [] : errors)])
    }
    expect(results).toEqual(rows.map(([id]) => (refused.has(id) ? [id, 125, 125] : [id, 0, 0, '', ''])))
    const before = ['dangling', 'dir2', 'file2', 'linkToDir', 'real']
    for (const [at, [id, , , made]] of rows.entries()) {
      const expected = [...before, ...made].sort()
      const lists = [
        execFileSync('sh', ['-c', list(`${folder}/${at}/to`)], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, LC_ALL: 'C' },
        }),
        await inside(list(`/rows/${at}/to`)),
      ]
      expect([id, ...lists.map((text) => text.trim().split('\n').sort())]).toEqual([id, expected, expected])
    }
  })

  test('what comes in belongs to its user, or whom --chown says; -a keeps the numbers', async () => {
    const folder = fresh('owners')
    writeFileSync(join(folder, 'file'), 'x')
    if (!words) chmodSync(join(folder, 'file'), 0o644)
    await inside('rm -rf /own; mkdir /own; chmod 755 /own')
    const file = join(folder, 'file')
    expect(said(await run(['cp', file, `${box.name}:/own/a`], under(words)))).toEqual(well)
    expect(
      said(await run(['cp', '--chown', '7777:', '--chmod', '600', file, `${box.name}:/own/b`], under(words))),
    ).toEqual(well)
    expect(said(await run(['cp', '-a', file, `${box.name}:/own/c`], under(words)))).toEqual(well)
    const { uid, gid } = statSync(file)
    expect(await inside("cd /own; stat -c '%n %u:%g %a' a b c")).toBe(
      `a 1234:5678 644\nb 7777:0 600\nc ${uid}:${gid} 644\n`,
    )
  })

  test('tars: in, packed too, and out; neither at a terminal nor from what is none', async () => {
    const folder = fresh('tars')
    mkdirSync(join(folder, 'in'))
    writeFileSync(join(folder, 'in/one'), '1')
    for (const letter of ['', 'z', 'J'])
      execFileSync('tar', ['-C', folder, `-c${letter}f`, join(folder, `t${letter}`), 'in'])
    for (const name of ['t', 'tz', 'tJ']) {
      await inside(`rm -rf /tars; mkdir /tars; chmod 777 /tars`)
      const line = `docker-bash cp - ${box.name}:/tars < ${join(folder, name)} && docker-bash cp ${box.name}:/tars/in - | tar -tvf -`
      const { code, stdout, stderr } = said(await shell(line, under(words)))
      expect({ name, code, stdout, stderr }).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/ in\/\n.* 1 .* in\/one\n$/),
      })
    }
    for (const [path, message] of [
      ['/etc/passwd', 'not a folder'],
      ['/none', 'not a folder'],
    ] as const) {
      expect(
        said(await shell(`docker-bash cp - ${box.name}:${path} < ${join(folder, 't')}`, under(words))),
      ).toMatchObject({
        ...{ code: 125, stderr: expect.stringContaining(message) },
      })
    }
    expect(
      said(await shell(`head -c 2000 /dev/urandom | docker-bash cp - ${box.name}:/tars`, under(words))),
    ).toMatchObject({
      ...{ code: 125, stderr: expect.stringContaining('it is not a tar') },
    })
  })

  test('names that are not UTF-8: typed, in a folder, behind a link, by a pattern', async () => {
    const folder = fresh('bytes')
    const bytes = (name: string) => `"$(printf -- '${name}')"`
    const [cafe, odd] = ['caf\\351', '\\377\\376 o']
    const make = `mkdir -p ${bytes(`${cafe}/${odd}`)} ${bytes('to\\377')}; echo 1 > ${bytes(`${cafe}/${odd}/\\351`)}; echo 2 > ${bytes(odd)}; ln -s ${bytes(odd)} ${bytes('link\\377')}; ln -s ${bytes(cafe)} folder; ln ${bytes(odd)} ${bytes('same\\377')}`
    await shell(`cd ${folder}; ${make}; chmod -R a+rwX .`)
    await inside(`rm -rf /bytes; mkdir /bytes; cd /bytes; ${make}; chmod -R a+rwX .`)
    const list = (at: string) => `cd ${at}; find . | LC_ALL=C sort | od -An -c`
    const cp = async (...typed: string[]) =>
      said(await shell(`docker-bash cp ${typed.map(bytes).join(' ')}`, { ...under(words), cwd: folder }))
    for (const [from, to] of [
      ['.', `${box.name}:/bytes`],
      [`${box.name}:/bytes`, '.'],
    ]) {
      expect(await cp(`${from}/${cafe}`, `${to}/to\\377`)).toEqual(well)
      expect(await cp(`${from}/${odd}`, `${to}/to\\377/one\\351`)).toEqual(well)
      expect(await cp(`${from}/${odd}`, `${from}/${cafe}/${odd}/\\351`, `${to}/to\\377/`)).toEqual(well)
      expect(await cp('-L', `${from}/link\\377`, `${to}/to\\377/followed`)).toEqual(well)
      for (const name of ['same\\377', odd])
        expect(await cp(`${from}/${name}`, `${to}/to\\377/by-${name}`)).toEqual(well)
      expect(await cp(`${from}/folder/${odd}/.`, `${to}/link-made\\377`)).toEqual(well)
    }
    expect(await cp(`${box.name}:/bytes/\\377*`, 'to\\377/one\\351')).toEqual(well)
    expect(await cp(`${folder}/${odd}`, `${box.name}:/bytes/link\\377`)).toEqual(well)
    const ours = execFileSync('sh', ['-c', list(folder)], { encoding: 'utf8' })
    expect(ours).toContain('\\')
    expect(await inside(list('/bytes'))).toBe(ours)
    expect(await inside('cat /bytes/to*/one* /bytes/to*/followed /bytes/link-made*/*; ls /bytes | wc -l')).toBe(
      '2\n2\n1\n7\n',
    )
    // Said with its bytes written out.
    expect(await cp(`${box.name}:/bytes/none\\351`, '.')).toMatchObject({
      ...{ code: 125, stderr: expect.stringContaining('/bytes/none\\xe9: no such file') },
    })
  })

  test('paths of more than 4,096 bytes: the engine does not have them, which is no success', async () => {
    const folder = fresh('deep')
    const step = 'd'.repeat(200)
    const down = (line: string) => `for i in $(seq 25); do ${line}; done`
    await shell(`cd ${folder}; mkdir tree; cd tree; ${down(`mkdir ${step}; cd ${step}`)}; echo deep > file`)
    await inside('rm -rf /deep; mkdir -m 777 /deep')
    const into = await run(['cp', join(folder, 'tree'), `${box.name}:/deep/`])
    expect(said(into)).toEqual(well)
    const out = said(await run(['cp', `${box.name}:/deep/tree`, join(folder, 'back')], under(words)))
    const again = await run(['cp', join(folder, 'tree'), `${box.name}:/deep/again`], under(words))
    if (words) {
      expect([out, said(again)]).toEqual([well, well])
      expect((await shell(`cd ${folder}/back; ${down('cd d*')}; cat file`)).stdout.toString()).toBe('deep\n')
    } else {
      expect(out).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('/deep/tree was not copied: of paths near'),
      })
      expect(again).toMatchObject({ code: 125, stderr: expect.stringContaining('file name too long') })
    }
    // Node cannot.
    await shell(`rm -rf ${folder}`)
  })

  test('from a container into itself, more than a pipe holds', async () => {
    await inside('rm -rf /self /again; mkdir /self; head -c 20000000 /dev/zero > /self/large')
    expect(said(await run(['cp', `${box.name}:/self`, `${box.name}:/again`], under(words)))).toEqual(well)
    expect(await inside('cmp /self/large /again/large; rm -r /self /again')).toBe('')
  })

  test('patterns, -n, and a sparse file of a tar', async () => {
    const folder = fresh('patterns')
    await inside(`rm -rf /logs2; mkdir -p /logs2/sub.log /logs2/x; cd /logs2; echo 1 > a.log; echo 2 > sub.log/b; echo 3 > .c.log; echo 4 > x/d.log
      rm -rf /kept; mkdir -p /kept/there; echo old > /kept/there/one; chmod -R 777 /kept`)
    expect(
      said(await run(['cp', `${box.name}:/logs2/*.log`, `${box.name}:/logs2/*/d.log`, folder], under(words))),
    ).toEqual(well)
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'd.log', 'sub.log'])
    expect(said(await run(['cp', `${box.name}:/logs2/*.none`, folder], under(words)))).toMatchObject({
      ...{ code: 125, stderr: expect.stringContaining('nothing fits') },
    })
    mkdirSync(join(folder, 'there/new'), { recursive: true })
    for (const name of ['there/one', 'there/two', 'there/new/three']) writeFileSync(join(folder, name), 'new\n')
    const kept = said(await run(['cp', '-n', '--json', join(folder, 'there'), `${box.name}:/kept`], under(words)))
    expect(JSON.parse(kept.stdout)).toMatchObject({ event: 'done', files: 2, kept: 1, failed: 0 })
    expect(await inside('cd /kept/there; cat one two new/three')).toBe('old\nnew\nnew\n')
    const sparse = `cd ${folder}; truncate -s 3M sparse; printf end >> sparse; tar -Scf - sparse | docker-bash cp -n - ${box.name}:/kept`
    expect(said(await shell(sparse, under(words)))).toEqual(well)
    expect(await inside('cd /kept; wc -c < sparse; tail -c 3 sparse')).toBe('3145731\nend')
    expect(said(await shell(sparse.replace('3M', '5M'), under(words)))).toEqual(well)
    expect(await inside('wc -c < /kept/sparse')).toBe('3145731\n')
  })

  test('what does not run', async () => {
    const stopped = await container({ image: 'busybox', start: false })
    const folder = fresh('stopped')
    writeFileSync(join(folder, 'file'), 'x')
    expect(said(await run(['cp', join(folder, 'file'), `${stopped.name}:/etc/new`], under(words)))).toEqual(well)
    expect(said(await run(['cp', `${stopped.name}:/etc/new`, join(folder, 'back')], under(words)))).toEqual(well)
    expect(readFileSync(join(folder, 'back'), 'utf8')).toBe('x')
  })

  test('-v says the way and why', async () => {
    const { stderr } = await run(['cp', '-v', `${box.name}:/etc/passwd`, fresh('v')], under(words))
    expect(stderr).toMatch(new RegExp(`^docker-bash: ${box.name} ${way}: .*\ndocker-bash: copied 1 file \\(`))
  })
})

test('explain --cp says which way is taken, why, and what each costs', async () => {
  const own = said(await run(['explain', '--cp', box.name]))
  expect(own.stdout).toMatch(
    /✓ its mount namespace +chosen: root on this host.*\n +costs: .*\n +· the engine’s archives +not needed/,
  )
  const other = said(await run(['explain', '--cp', box.name], under(undefined)))
  expect(other.stdout).toMatch(
    /✗ its mount namespace +only root.*\n +costs: .*\n +✓ the engine’s archives +chosen: only root.*\n +costs: each byte/,
  )
  const { stdout } = await run(['explain', '--json', '--forward', box.name])
  expect(JSON.parse(stdout.toString())).toMatchObject({ what: 'forward', chosen: 'its network namespace' })
})

test('a file system in memory: there by root’s way, refused rather than lost by the archives', async () => {
  const folder = fresh('memory')
  writeFileSync(join(folder, 'file'), 'x')
  await inside('ln -sfn /mem /way')
  expect(said(await run(['cp', join(folder, 'file'), `${box.name}:/mem/file`]))).toEqual(well)
  expect(await inside('cat /mem/file')).toBe('x')
  for (const words of [
    [join(folder, 'file'), `${box.name}:/mem/other`],
    [join(folder, 'file'), `${box.name}:/way/other`],
    [`${box.name}:/mem/file`, folder],
  ]) {
    expect(said(await run(['cp', ...words], under(undefined)))).toMatchObject({
      ...{ code: 125, stderr: expect.stringMatching(/\/mem is in memory there|no such file/) },
    })
  }
})

test('-u: as somebody who may no more', async () => {
  const folder = fresh('user')
  writeFileSync(join(folder, 'file'), 'x')
  expect(said(await run(['cp', '-u', '4321', join(folder, 'file'), `${box.name}:/mem/mine`]))).toEqual(well)
  expect(await inside("stat -c '%u:%g' /mem/mine")).toBe('4321:0\n')
  expect(said(await run(['cp', '-u', '4321', join(folder, 'file'), `${box.name}:/etc/mine`]))).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('permission denied') },
  })
})

test('several, patterns, between containers, -n, JSON; a read-only root and what is mounted in it', async () => {
  const folder = fresh('several')
  const other = await container({ image: 'busybox', hostConfig: { ReadonlyRootfs: true, Tmpfs: { '/run': '' } } })
  await inside('mkdir -p /logs; echo 1 > /logs/a.log; echo 2 > /logs/b.log; echo 3 > /logs/.c.log; echo 4 > /logs/d')
  expect(said(await run(['cp', `${box.name}:/logs/*.log`, folder]))).toEqual(well)
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'b.log'])
  expect(said(await run(['cp', `${box.name}:/logs/*.none`, folder]))).toMatchObject({ code: 125 })
  expect(said(await run(['cp', `${box.name}:/logs`, `${other.name}:/run`]))).toEqual(well)
  expect(await inside('cat /run/logs/*', other.name)).toBe('1\n2\n4\n')
  expect(said(await run(['cp', `${box.name}:/logs/d`, `${other.name}:/etc/d`]))).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('read-only file system') },
  })
  writeFileSync(join(folder, 'd'), 'mine')
  const kept = said(await run(['cp', '-n', '--json', `${box.name}:/logs/d`, `${box.name}:/logs/a.log`, folder]))
  expect(JSON.parse(kept.stdout)).toMatchObject({ event: 'done', files: 0, kept: 2, failed: 0 })
  expect(readFileSync(join(folder, 'd'), 'utf8')).toBe('mine')
})

test('paused, too; a large file, and nothing beside it', async () => {
  const folder = fresh('large')
  execFileSync('sh', ['-c', `head -c 70000000 /dev/urandom > ${folder}/large`])
  await docker().act('pause', box.id)
  try {
    expect(said(await run(['cp', join(folder, 'large'), `${box.name}:/large`]))).toEqual(well)
    expect(said(await run(['cp', `${box.name}:/large`, join(folder, 'back')]))).toEqual(well)
  } finally {
    await docker().act('unpause', box.id)
  }
  execFileSync('cmp', [join(folder, 'large'), join(folder, 'back')])
  expect(await inside('ls -a / | grep docker-bash')).toBe('')
  expect(readdirSync(folder).sort()).toEqual(['back', 'large'])
})

test('killed: the old file is there, and nothing beside it', async () => {
  const folder = fresh('killed')
  await inside('mkdir -p /kill; echo old > /kill/file')
  execFileSync('sh', ['-c', `mkfifo ${folder}/fifo`])
  // A tar whose end never comes.
  const running = start(['cp', '-', `${box.name}:/kill`], { input: 'open' })
  const head = execFileSync(
    'sh',
    ['-c', `cd ${folder}; head -c 9000000 /dev/zero > file; tar -cf - file | head -c 5000000`],
    { maxBuffer: 1e8 },
  )
  running.stdin.write(head)
  await until(
    async () => (await inside('ls -a /kill')).includes('.file.docker-bash-'),
    10_000,
    () => inside('ls -a /kill'),
  )
  running.kill('SIGKILL')
  await running.ended
  await until(
    async () => !(await inside('ls -a /kill')).includes('docker-bash'),
    10_000,
    () => inside('ls -a /kill'),
  )
  expect(await inside('cat /kill/file')).toBe('old\n')
})

// By the archives it does not go before they have ended: the engine waits.
test('the container is removed meanwhile: what was begun is named, and is no success', async () => {
  const one = await container({ image: 'busybox' })
  await inside('mkdir /srv', one.name)
  const folder = fresh('gone')
  const running = start(['cp', '-', `${one.name}:/srv`], { input: 'open' })
  const [head, rest] = ['head -c 5000000', 'tail -c +5000001'].map((part) =>
    execFileSync('sh', ['-c', `cd ${folder}; head -c 9000000 /dev/zero > file; tar -cf - file | ${part}`], {
      maxBuffer: 1e8,
    }),
  )
  running.stdin.write(head)
  const list = () => inside('ls -a /srv', one.name)
  await until(async () => (await list()).includes('.file.docker-bash-'), 10_000, list)
  await docker().remove(one.id)
  running.stdin.end(rest)
  expect(said(await running.ended)).toEqual({
    ...{ code: 1, stdout: '', stderr: 'docker-bash: file was not copied: no such file or directory\n' },
  })
})

test('no room: it ends, says how much was copied, and leaves nothing half', async () => {
  const small = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/small': 'size=1m' } } })
  const folder = fresh('full')
  writeFileSync(join(folder, 'a'), 'x')
  writeFileSync(join(folder, 'b'), Buffer.alloc(3_000_000))
  const { code, stderr } = await run(['cp', join(folder, 'a'), join(folder, 'b'), `${small.name}:/small/`])
  expect({ code, stderr }).toEqual({
    ...{
      code: 125,
      stderr: expect.stringMatching(/\/b: no space left on device\n {2}1 file was copied before that\n$/),
    },
  })
  expect(await inside('ls -A /small', small.name)).toBe('a\n')
})

test('ctrl-c ends what waits for bytes, and takes what was begun', async () => {
  await inside('mkdir -p /int')
  const running = start(['cp', '-', `${box.name}:/int`], { input: 'open' })
  running.stdin.write(
    execFileSync('sh', ['-c', 'cd $(mktemp -d); head -c 900000 /dev/zero > f; tar -cf - f | head -c 600000']),
  )
  const list = () => inside('ls -A /int')
  await until(async () => (await list()).includes('.f.docker-bash-'), 10_000, list)
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(130)
  expect(await list()).toBe('')
})

test.each([
  [['cp'], 'nothing to copy'],
  [['cp', 'a'], 'no destination'],
  [['cp', 'a', 'b'], 'no path of a container'],
  [['cp', 'nosuch:/a', 'b'], 'nosuch'],
  [['cp', '--chmod', 'u+x', 'a', 'nosuch:/a'], 'invalid mode'],
])('%j is refused', async (words, message) => {
  expect(said(await run(words))).toMatchObject({ code: 125, stderr: expect.stringContaining(message) })
})

test('a name of ours with a colon is typed behind ./', async () => {
  const folder = fresh('colon')
  writeFileSync(join(folder, 'a:b'), 'x')
  expect(said(await run(['cp', './a:b', `${box.name}:/colon`], { cwd: folder }))).toEqual(well)
  expect(existsSync(join(folder, 'a:b'))).toBe(true)
  expect(await inside('cat /colon')).toBe('x')
})
