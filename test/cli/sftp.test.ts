/** A container's files for OpenSSH's own client: `sftp -D` with a program that serves one container. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { readStat } from '../../src/lib/host/proc'
import { type FilesOf, forFiles } from '../../src/lib/sftp/server'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { root, scratch } from '../support/engine'

let box: Container
let here: string
let pid: number
beforeAll(async () => {
  here = scratch('sftp')
  buildSync({
    entryPoints: [join(root, 'test/fixtures/sftp-serve.ts')],
    outfile: join(here, 'serve.cjs'),
    ...{ bundle: true, platform: 'node', format: 'cjs', packages: 'external', loader: { '.pl': 'text' } },
  })
  box = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/mem': 'mode=1777' } } })
  pid = (await docker().inspect(box.id)).State.Pid
  await inside('mkdir /d; echo app:x:1234:1234::/home/app: >> /etc/passwd; mkdir -p /home/app; chown 1234 /home/app')
})

const inside = async (script: string) => (await run([box.name, 'sh', '-c', script])).stdout.toString()

/** The real client, with a command a line. Its names are bytes. */
async function sftp(commands: readonly string[], more: Partial<FilesOf> = {}, words: readonly string[] = []) {
  const files: FilesOf = {
    ...{ name: box.name, pid, start: readStat(pid)?.start ?? 0, uid: 0, gid: 0, groups: [0], capabilities: forFiles },
    ...more,
  }
  const program = join(here, 'serve.sh')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${here}/serve.cjs' '${JSON.stringify(files)}'\n`)
  chmodSync(program, 0o755)
  const child = spawn('sftp', [...words, '-b', '-', '-D', program], {
    cwd: here,
    env: { PATH: process.env.PATH, HOME: here, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(Buffer.from(`${commands.join('\n')}\n`, 'latin1'))
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk) => out.push(chunk))
  child.stderr.on('data', (chunk) => err.push(chunk))
  const [code] = await once(child, 'close')
  const lines = Buffer.concat(out).toString('latin1').split('\n')
  return {
    code,
    out: lines.filter((line) => line !== '' && !line.startsWith('sftp> ')),
    err: Buffer.concat(err).toString('latin1'),
  }
}

test('put, get, rename over, links, cp, df, modes and times', async () => {
  writeFileSync(join(here, 'one'), 'one')
  const { code, out, err } = await sftp([
    ...['put -fp one /d/one', 'cp /d/one /d/two', 'ln /d/one /d/hard', 'symlink one /d/soft', 'rename /d/two /d/three'],
    ...['put one /d/four', 'rename /d/four /d/three', '-rename -l /d/hard /d/three', 'chmod 640 /d/three'],
    ...['df /mem', 'mkdir /d/folder', 'rmdir /d/folder', 'get /d/soft back', 'cd /d', 'pwd', 'ls -1'],
  ])
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('remote rename "/d/hard" to "/d/three"') })
  expect(out.filter((line) => !/Size|Avail|%/.test(line))).toEqual([
    ...['Remote working directory: /d', 'hard', 'one', 'soft', 'three'],
  ])
  expect(out.join('\n')).toMatch(/\d+%/)
  expect(readFileSync(join(here, 'back'), 'utf8')).toBe('one')
  expect(await inside("cd /d; stat -c '%n %a %h' *; echo $(cat three) $(readlink soft)")).toBe(
    'hard 644 2\none 644 2\nsoft 777 1\nthree 640 1\none one\n',
  )
})

test('as the container’s user, in its home, with its own names', async () => {
  const user = { uid: 1234, gid: 1234, groups: [1234], home: '/home/app' }
  writeFileSync(join(here, 'mine'), 'x')
  const { code, out, err } = await sftp(['put mine', 'pwd', 'ls -l', '-put mine /etc/mine', '-get /etc/shadow'], user)
  expect({ code, out }).toEqual({
    ...{
      code: 0,
      out: ['Remote working directory: /home/app', expect.stringMatching(/^-rw-r--r-- .* app +\S+ .* mine$/)],
    },
  })
  expect(err).toMatch(/"\/etc\/mine": Permission denied/)
  expect((await sftp(['pwd'], { ...user, home: '/none' })).out).toEqual(['Remote working directory: /'])
})

test('100,000 entries in a folder', async () => {
  await inside('mkdir /mem/many; cd /mem/many; seq 100000 | xargs touch')
  const { code, out, err } = await sftp(['ls -1f /mem/many'])
  expect({ code, err, count: out.length }).toEqual({ code: 0, err: '', count: 100_000 })
}, 60_000)

test('names that are not UTF-8', async () => {
  mkdirSync(join(here, 'bytes'))
  await inside('mkdir /n; printf x > "/n/caf$(printf \'\\351\')"')
  const { code, err } = await sftp(['lcd bytes', 'get /n/*', 'put caf\xe9 /n/\xff\xfe'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(await inside(`cd /n; printf '%s/' * | od -An -t x1 | tr -d ' \\n'`)).toBe('636166e92ffffe2f')
})

test('reget and reput go on far behind 4 GiB, in sparse files', async () => {
  const [gib5, at] = [5 * 2 ** 30, 5 * 2 ** 30 - 6]
  await inside(`truncate -s ${at} /d/sparse; printf 'ending' >> /d/sparse`)
  writeFileSync(join(here, 'sparse'), '')
  truncateSync(join(here, 'sparse'), at)
  expect(await sftp(['reget /d/sparse sparse'])).toMatchObject({ code: 0 })
  expect(statSync(join(here, 'sparse')).size).toBe(gib5)
  expect(execFileSync('tail', ['-c', '7', join(here, 'sparse')], { encoding: 'latin1' })).toBe('\0ending')
  await inside(`truncate -s ${at} /d/again`)
  expect(await sftp(['reput sparse /d/again'])).toMatchObject({ code: 0 })
  expect(await inside('tail -c 6 /d/again; stat -c " %s" /d/again; du -k /d/again')).toMatch(
    new RegExp(`^ending ${gib5}\n\\d{1,3}\t`),
  )
})

test('a link leads to the container’s own file and never out', async () => {
  writeFileSync(join(here, 'secret'), 'of the host')
  await inside(`rm -rf /l; mkdir /l; ln -s ${here}/secret /l/abs; ln -s ../../../../../../../..${here} /l/up`)
  const { code, err } = await sftp([
    ...['-get /l/abs got', '-get /l/up/secret got', `-get ../../../../../..${here}/secret got`],
    ...['-put one /l/up/written', '-get /proc/1/root/../../etc/none got'],
  ])
  expect({ code, got: existsSync(join(here, 'got')), written: existsSync(join(here, 'written')) }).toEqual({
    ...{ code: 0, got: false, written: false },
  })
  expect(err.split('\n').filter((line) => line !== '').length).toBeGreaterThanOrEqual(5)
})

test('what is no regular file is not opened, and never waited for', async () => {
  await inside('mkfifo /d/fifo')
  const { code, err } = await sftp(['-get /d/fifo got', '-get /dev/zero got', 'rm /d/fifo'])
  expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/not a regular file/) })
  expect(existsSync(join(here, 'got'))).toBe(false)
})
