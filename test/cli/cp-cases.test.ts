/** Rows of docker cp's and podman's tests that need a container made for them; mounts, -a, packed streams, a terminal. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { quoteAll } from '../../src/lib/text/quote'
import { run, shell } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { asNobody } from '../support/nobody'
import { openTerminal } from '../support/tmux'

let box: Container
let here: string
beforeAll(async () => {
  ensurePackages({ setfattr: 'attr', bzip2: 'bzip2', zstd: 'zstd', xz: 'xz-utils' })
  here = scratch('cp-cases')
  chmodSync(here, 0o777)
  mkdirSync(join(here, 'bound'))
  mkdirSync(join(here, 'fixed'))
  box = await container({
    image: 'busybox',
    workdir: '/srv',
    hostConfig: {
      Binds: [`${here}/bound:/bound`, `${here}/fixed:/fixed:ro`],
      Mounts: [
        { Type: 'volume', Target: '/outer' },
        { Type: 'volume', Target: '/outer/inner' },
      ],
    },
  })
  writeFileSync(join(here, 'file1'), 'one')
  chmodSync(join(here, 'file1'), 0o644)
  await inside(`mkdir -p /g /srv; echo of the box > /g/x; ln -s /g/x /g/link; ln -s / /g/root; ln -s /g /dir
    echo app:x:2375:2376::/: >> /etc/passwd; echo team:x:9999: >> /etc/group`)
})

const inside = async (script: string, name = box.name) => (await run([name, 'sh', '-c', script])).stdout.toString()
const said = ({ code, stdout, stderr }: { code: number | null; stdout: Buffer; stderr: string }) => ({
  ...{ code, stdout: stdout.toString(), stderr: stderr.replace(/^docker-bash: waiting for the engine.*\n/gm, '') },
})
const well = { code: 0, stdout: '', stderr: '' }
const file = () => join(here, 'file1')

describe.each([
  ['by its mount namespace', [] as string[]],
  ['by the engine’s archives', asNobody()],
])('%s', (way, under) => {
  const cp = async (...words: string[]) => said(await run(['cp', ...words], { under }))
  const place = (name: string) => {
    const path = join(here, `${name} ${way.slice(3, 7)}`)
    mkdirSync(path)
    chmodSync(path, 0o777)
    return path
  }

  test('G2x, G3x, L7: absolute links are the container’s', async () => {
    const to = place('links')
    expect(await cp(`${box.name}:/g/link`, to)).toEqual(well)
    expect(readlinkSync(join(to, 'link'))).toBe('/g/x')
    expect(await cp('-L', `${box.name}:/g/link`, join(to, 'followed'))).toEqual(well)
    expect(await cp(`${box.name}:/dir/x`, join(to, 'middle'))).toEqual(well)
    expect(await cp(`${box.name}:/g/root/g/x`, join(to, 'by-root'))).toEqual(well)
    for (const name of ['followed', 'middle', 'by-root']) {
      expect(readFileSync(join(to, name), 'utf8')).toBe('of the box\n')
    }
    const list = (path: string) =>
      shell(`docker-bash cp ${box.name}:${path} - 2>/dev/null | head -c 4096 | tar -t 2>/dev/null | head -n 1`, {
        under,
      })
    expect((await list('/g/root/')).stdout.toString()).toBe('root/\n')
  })

  test('P1, P3, W1: what is no folder has no contents; / and relative paths are its root', async () => {
    expect(await cp(`${box.name}:/etc/passwd/.`, here)).toMatchObject({
      ...{ code: 125, stderr: expect.stringMatching(/not a (?:folder|directory)/) },
    })
    await inside('rm -f /file1 /srv/file1')
    expect(await cp(file(), `${box.name}:/`)).toEqual(well)
    expect(await cp(file(), `${box.name}:relative`)).toEqual(well)
    expect(await inside('cmp /file1 /relative; ls /srv; rm /file1 /relative')).toBe('')
  })

  test('U3: owners by number and by name', async () => {
    await inside('rm -rf /u; mkdir /u')
    const forms = ['7777:', ':7777', '7777', 'app:7777', '7777:team', 'app']
    for (const [at, owner] of forms.entries()) {
      expect(await cp('--chown', owner, file(), `${box.name}:/u/${at}`)).toEqual(well)
    }
    expect((await inside("cd /u; stat -c '%u:%g' *")).split('\n')).toEqual([
      ...['7777:0', '0:7777', '7777:0', '2375:7777', '7777:9999', '2375:2376', ''],
    ])
  })

  test('M1, M2, R2: into what is mounted: a folder of the host’s, a volume in a volume, one that is read-only', async () => {
    for (const path of ['/bound/m1', '/outer/inner/m2']) expect(await cp(file(), `${box.name}:${path}`)).toEqual(well)
    expect(readFileSync(join(here, 'bound/m1'), 'utf8')).toBe('one')
    expect(await inside('cat /outer/inner/m2; rm /outer/inner/m2 /bound/m1')).toBe('one')
    const { code, stderr } = await cp(file(), `${box.name}:/fixed/x`)
    expect([1, 125]).toContain(code)
    expect(stderr).toMatch(/read-only/)
    expect(existsSync(join(here, 'fixed/x'))).toBe(false)
  })

  test('Z2: a folder named as the engine’s own', async () => {
    const { DockerRootDir: top } = (await docker().call('GET', '/info')) as { DockerRootDir: string }
    await inside(`mkdir -p ${top}`)
    expect(await cp(file(), `${box.name}:${top}/z2`)).toEqual(well)
    expect(await inside(`cat ${top}/z2; rm ${top}/z2`)).toBe('one')
    expect(existsSync(join(top, 'z2'))).toBe(false)
  })

  test.each(['bzip2', 'zstd', 'xz', 'gzip'])('a stream packed with %s', async (program) => {
    await inside('rm -rf /p; mkdir /p')
    const line = `tar -C ${here} -cf - file1 | ${program} -c | docker-bash cp - ${box.name}:/p`
    expect(said(await shell(line, { under }))).toEqual(well)
    expect(await inside('cat /p/file1')).toBe('one')
    expect(
      said(await shell(`printf '\\102\\132\\150damaged' | docker-bash cp - ${box.name}:/p`, { under })),
    ).toMatchObject({
      ...{ code: 125, stderr: expect.stringContaining('damaged') },
    })
  })
})

test('P2: all of it, without what is the kernel’s', async () => {
  const to = join(here, 'whole')
  const { code, stderr } = await run(['cp', `${box.name}:.`, to])
  // /dev has devices, each of which is named.
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/\/dev\/null was not copied: a device/),
  })
  expect(stderr).not.toMatch(/\/(?:proc|sys)\//)
  for (const name of ['etc/passwd', 'g/x', 'bound']) expect(existsSync(join(to, name))).toBe(true)
  for (const name of ['proc', 'sys']) expect(readdirSync(join(to, name))).toEqual([])
  const tar = await shell(`docker-bash cp ${box.name}:. - 2>/dev/null | tar -t | grep -c -e '^proc/[0-9]' -e '^sys/k'`)
  expect(tar.stdout.toString()).toBe('0\n')
  // By its own name it is meant.
  expect((await run(['cp', `${box.name}:/proc/sys/kernel/random`, join(here, 'random')])).stderr).not.toMatch(
    /kernel’s/,
  )
  expect(existsSync(join(here, 'random/boot_id'))).toBe(true)
})

test('P2 by the archives: of one that does not run', async () => {
  const stopped = await container({ image: 'busybox', start: false })
  expect(said(await run(['cp', `${stopped.name}:.`, join(here, 'stopped')]))).toEqual(well)
  expect(existsSync(join(here, 'stopped/bin/busybox'))).toBe(true)
})

test('R3, M5: a read-only root with a link on the way to what is mounted, and a mount at a path with one', async () => {
  const maker = await container({ image: 'busybox' })
  await inside('mkdir -p /real/inner /real/other; ln -s /real /link; ln -s /real /abs', maker.name)
  const image = `test/links:${maker.name}`
  const [repo, tag] = image.split(':')
  await docker().call('POST', `/commit?container=${maker.id}&repo=${repo}&tag=${tag}`)
  const Mounts = ['/real/inner', '/abs/other'].map((Target) => ({ Type: 'volume', Target }))
  const fixed = await container({
    image: 'busybox',
    hostConfig: { ReadonlyRootfs: true, Mounts },
    more: { Image: image },
  })
  for (const [at, under] of [[], asNobody()].entries()) {
    for (const path of ['/link/inner', '/abs/other']) {
      const copied = said(await run(['cp', file(), `${fixed.name}:${path}/${at}`], { under }))
      if (at === 1 && path === '/abs/other') {
        // The engine looks for the mount by the name it was given, and the links on the way have been followed by then.
        expect(copied).toMatchObject({ code: 125, stderr: expect.stringContaining('read-only') })
        continue
      }
      expect(copied).toEqual(well)
      expect(await inside(`cat /real/${path.slice(-5)}/${at}`, fixed.name)).toBe('one')
    }
  }
  expect((await run(['cp', file(), `${fixed.name}:/link/x`])).stderr).toMatch(/read-only/)
})

test('-a: devices, FIFOs, extended attributes and setuid bits, there and back', async () => {
  const from = join(here, 'all')
  mkdirSync(from)
  execFileSync('sh', [
    '-ec',
    'cd "$1"; mknod null c 1 3; mknod disk b 7 300; mkfifo pipe; echo x > file; setfattr -n user.mine -v yes file; chown 77:88 file; chmod 4755 file',
    ...['sh', from],
  ])
  expect(said(await run(['cp', '-a', from, `${box.name}:/all`]))).toEqual(well)
  expect(await inside("cd /all; stat -c '%n %F %t:%T %a %u:%g' *")).toBe(
    'disk block special file 7:12c 644 0:0\nfile regular file 0:0 4755 77:88\nnull character special file 1:3 644 0:0\npipe fifo 0:0 644 0:0\n',
  )
  expect(said(await run(['cp', '-a', `${box.name}:/all/.`, join(here, 'back')]))).toEqual(well)
  const line = 'cd "$1"; getfattr --only-values -n user.mine file; stat -c " %n %t:%T %a %u:%g" file null pipe'
  expect(execFileSync('sh', ['-ec', line, 'sh', join(here, 'back')], { encoding: 'utf8' })).toBe(
    'yes file 0:0 4755 77:88\n null 1:3 644 0:0\n pipe 0:0 644 0:0\n',
  )
  expect((await run(['cp', `${box.name}:/all/.`, join(here, 'plain')])).code).toBe(1)
  expect(lstatSync(join(here, 'plain/file')).mode & 0o7777).toBe(0o755)
  expect(existsSync(join(here, 'plain/null'))).toBe(false)
})

test('X7: no tar to a terminal; how far it is stands in one line, and then what was copied', async () => {
  const terminal = await openTerminal({ columns: 100 })
  await terminal.type(`docker-bash cp ${box.name}:/etc -\n`)
  await terminal.until(/a tar is not for a terminal/)
  await terminal.type(`clear; (tar -C ${here} -cf - file1 | head -c 1536; cat) | docker-bash cp - ${box.name}:/g\n`)
  await terminal.until(/ {2}0 files \(\d+ B\), \d+ B\/s/, 30_000)
  // The end of the tar, and of what is typed.
  await terminal.keys('C-d')
  await terminal.until(/copied 1 file \(3 B\) in/, 30_000)
})

test('by the archives: files, bytes, rate, part and time left stand in one line; nothing is said into a pipe', async () => {
  const { name } = await container({ image: 'busybox' })
  const large = join(here, 'large')
  writeFileSync(large, '')
  // More than is copied before somebody ends it.
  truncateSync(large, 2 ** 35)
  chmodSync(large, 0o644)
  const cp = quoteAll([...asNobody(), 'docker-bash', 'cp', large, `${name}:/srv`])
  const terminal = await openTerminal({ columns: 100 })
  await terminal.type(`clear; ${cp}; echo "code $?"\n`)
  await terminal.until(/^ {2}0 files \(\d[\d.]* \w?B\), \d[\d.]* \w?B\/s, \d+ %, .* left$/m, 30_000)
  await terminal.keys('C-c')
  await terminal.until(/code 130/, 30_000)
  const { code, stdout, stderr } = await shell(`exec timeout --preserve-status -s INT 2 ${cp}`)
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 130, stdout: '', stderr: '' })
})

test('memory: 10,000 files, and small ones whose bytes would take much of it until they have their names', async () => {
  const [small, larger, back] = ['small', 'larger', 'back'].map((name) => {
    const folder = scratch(name)
    chmodSync(folder, 0o777)
    return folder
  }) as [string, string, string]
  execFileSync('sh', ['-c', 'head -c 10000000 /dev/zero | split -b 1000 -a 4 -'], { cwd: small })
  execFileSync('sh', ['-c', 'head -c 80000000 /dev/zero | split -b 32768 -a 4 -'], { cwd: larger })
  // Tests of another build would take the code of the first run away.
  const env = { XDG_CACHE_HOME: scratch('cache') }
  /** In MiB, of docker-bash itself. */
  const peak = async (words: readonly string[], under: readonly string[] = []) => {
    const { code, maxRssKb = Number.NaN } = await run(['cp', ...words], {
      under,
      env,
      memory: true,
      timeoutMs: 120_000,
    })
    expect(code).toBe(0)
    return maxRssKb / 1024
  }
  // The first run keeps its code for the next ones, which takes some, too.
  await peak([larger, `${box.name}:/larger`])
  expect(await peak([small, `${box.name}:/small`])).toBeLessThan(75)
  for (const under of [[], asNobody()]) {
    expect(await peak([`${box.name}:/small/.`, back], under)).toBeLessThan(90)
  }
  expect(await peak([`${box.name}:/larger/.`, back], asNobody())).toBeLessThan(100)
})

test('into all that a selector means: each is tried, and what was left out is said', async () => {
  const labels = { tier: `front-${box.name}` }
  const [one, two] = await Promise.all([0, 1].map(() => container({ image: 'busybox', labels })))
  const stopped = await container({ image: 'busybox', labels, start: false })
  const to = `label:tier=${labels.tier}`
  const { code, stderr } = said(await run(['cp', file(), `${to}:/etc/conf`]))
  expect({ code, stderr }).toEqual({ code: 0, stderr: `docker-bash: ${stopped.name} was left out: it is created\n` })
  for (const { name } of [one, two] as Container[]) expect(await inside('cat /etc/conf', name)).toBe('one')
  await inside('mkdir /only', one?.name)
  const half = said(await run(['cp', file(), `${to}:/only/`]))
  expect(half).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${two?.name}:/only/: there is no such folder`),
  })
  expect(half.stderr).toMatch(/1 of 2 containers did not get all/)
  expect(await inside('cat /only/file1', one?.name)).toBe('one')
  expect(said(await shell(`tar -C ${here} -cf - file1 | docker-bash cp - ${to}:/etc`))).toMatchObject({
    ...{ code: 125, stderr: expect.stringContaining('a stream is read once') },
  })
  expect(said(await run(['cp', file(), 'label:tier=no-such:/etc']))).toMatchObject({ code: 125 })
})
