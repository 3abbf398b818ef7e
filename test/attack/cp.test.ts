/** A container, or a tar, that has a copy write or read elsewhere: the holes that docker cp and kubectl cp had. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { run, shell } from '../support/cli'
import { type Container, container } from '../support/containers'
import { scratch, sharedEngine } from '../support/engine'
import { asNobody } from '../support/nobody'

let box: Container
let folder: string
beforeAll(async () => {
  ensurePackages({ strace: 'strace', xz: 'xz-utils', bzip2: 'bzip2', zstd: 'zstd' })
  box = await container({ image: 'busybox' })
  folder = scratch('cp-attack')
  chmodSync(folder, 0o777)
})
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'to'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'of the host')
})

const inside = async (script: string) => (await run([box.name, 'sh', '-c', script])).stdout.toString()

test('a link in the container leads to its own file, not to the host’s of that name', async () => {
  await inside(`mkdir -p ${folder} /d; rm -rf /d/*; echo of the box > ${folder}/secret
    ln -s ${folder}/secret /d/link; ln -s ${folder} /d/dir; ln -s ../../../../../../../..${folder}/secret /d/up`)
  for (const path of ['/d/link', '/d/dir/secret', '/d/up', `/../../../..${folder}/secret`]) {
    expect((await run(['cp', '-L', `${box.name}:${path}`, join(folder, 'to/file')])).code).toBe(0)
    expect(readFileSync(join(folder, 'to/file'), 'utf8')).toBe('of the box\n')
  }
  expect((await run(['cp', join(folder, 'to/file'), `${box.name}:/d/dir/written`])).code).toBe(0)
  expect(existsSync(join(folder, 'written'))).toBe(false)
})

test('CVE-2018-15664: a link that is swapped for a folder all the time', async () => {
  // The host has all of these names, too.
  const race = scratch('race')
  mkdirSync(join(race, 'a'), { recursive: true })
  writeFileSync(join(race, 'a/secret'), 'of the host')
  await inside(`mkdir -p ${race}/real ${folder}; cd ${race}; echo of the box > real/secret; echo of the box > ${folder}/secret
    (while :; do ln -sfn ${folder} a; rm a; cp -r real a; rm -r a; done) >/dev/null 2>&1 &`)
  const here = () => [folder, race].map((path) => readdirSync(path, { recursive: true }).sort())
  const before = here()
  const out = join(scratch('out'), 'out')
  for (let round = 0; round < 5; round++) {
    await run(['cp', `${box.name}:${race}/a/secret`, out])
    await run(['cp', join(folder, 'secret'), `${box.name}:${race}/a/new`])
    if (existsSync(out)) expect(readFileSync(out, 'utf8')).toBe('of the box\n')
    expect(here()).toEqual(before)
  }
})

test('CVE-2019-14271, CVE-2026-41567: nothing of the container’s is run, whatever it has for tar, xz or libnss', async () => {
  await inside(`mkdir -p /usr/bin /lib; for f in xz unpigz gzip tar; do printf '#!/bin/sh\\necho run > /was-run\\n' > /usr/bin/$f; chmod 755 /usr/bin/$f; done
    echo nonsense > /lib/libnss_files.so.2; mkdir -p /x; chmod 777 /x`)
  execFileSync('tar', ['-C', folder, '-cJf', join(folder, 't.tar.xz'), 'secret'])
  expect((await shell(`docker-bash cp - ${box.name}:/x < ${folder}/t.tar.xz`)).code).toBe(0)
  expect((await run(['cp', '--chown', 'root', join(folder, 'secret'), `${box.name}:/x/two`])).code).toBe(0)
  expect(await inside('cat /x/secret /x/two; ls /was-run 2>&1')).toMatch(/^of the hostof the host.*No such file/)
  // By the archives it is the engine that would run them: what it is sent is plain, whatever comes in.
  for (const [letter, program] of Object.entries({ J: 'xz', z: 'gzip', j: 'bzip2', I: 'zstd' })) {
    const packed = join(folder, `t.${program}`)
    execFileSync('tar', ['-C', folder, ...(letter === 'I' ? ['--zstd'] : [`-${letter}`]), '-cf', packed, 'secret'])
    const sent: Buffer[] = []
    const place = { ...sharedEngine(), host: await engineBetween({ sent: (bytes) => sent.push(bytes) }) }
    expect((await shell(`docker-bash cp - ${box.name}:/x < ${packed}`, { place, under: asNobody() })).code).toBe(0)
    expect(Buffer.concat(sent).toString('latin1', 0, 262)).toMatch(/^secret\0[\s\S]*ustar$/)
  }
  expect(await inside('ls /was-run 2>&1')).toMatch(/No such file/)
})

/** Written by hand, as no honest tar does. */
const hostile = (entries: string) => `
use strict; sub entry { my ($name, $type, $to, $body) = @_;
  my $head = pack('a100 a8 a8 a8 a12 a12 A8 a1 a100 a6 a2 x247', $name, '0000644', '0000000', '0000000', sprintf('%011o', length $body), '00000000000', '', $type, $to, 'ustar', '00');
  substr($head, 148, 8) = sprintf("%06o\\0 ", unpack('%32C*', $head)); print $head, $body, "\\0" x (-length($body) % 512) }
${entries} print "\\0" x 1024;`

interface Between {
  /** What a folder of a container is said to have in it, whatever is asked for. */
  readonly tar?: Buffer
  /** Hears what is sent to be unpacked. */
  readonly sent?: (bytes: Buffer) => void
}

/** The engine, but for what stands between. @returns its socket */
async function engineBetween({ tar, sent }: Between): Promise<string> {
  const socket = join(folder, `between-${servers.length}.sock`)
  const { pathname } = new URL(sharedEngine().host)
  const server = createServer((asked, answer) => {
    if (tar && asked.method === 'GET' && /\/archive\?/.test(asked.url ?? '')) {
      const stat = Buffer.from(JSON.stringify({ name: 'etc', size: 0, mode: 2 ** 31 + 0o755, linkTarget: '' }))
      answer.writeHead(200, {
        'Content-Type': 'application/x-tar',
        'X-Docker-Container-Path-Stat': stat.toString('base64'),
      })
      return answer.end(tar)
    }
    const { method, url, headers } = asked
    const real = request({ socketPath: pathname, method, path: url, headers }, (said) => {
      answer.writeHead(said.statusCode ?? 500, said.headers)
      said.pipe(answer)
    })
    real.on('error', () => answer.destroy())
    if (method === 'PUT') asked.on('data', (bytes: Buffer) => sent?.(bytes))
    asked.pipe(real)
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(socket, listening))
  chmodSync(socket, 0o777)
  return `unix://${socket}`
}
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

test('CVE-2019-1002101, -11246, -11249, -11251, CVE-2018-1002100: an engine that lies about what a folder has in it', async () => {
  const stopped = await container({ image: 'busybox', start: false })
  writeFileSync(join(folder, 'to/old'), 'of the host')
  const program = hostile(`
    entry('etc/', 5, '', ''); entry('etc/../../out', 0, '', 'bad'); entry('../etc/out', 0, '', 'bad'); entry('/etc/abs', 0, '', 'in');
    entry('etc/link', 2, '${folder}', ''); entry('etc/link/through', 0, '', 'bad'); entry('etc/two', 2, 'link', '');
    entry('etc/two/through', 0, '', 'bad'); entry('etc/up', 2, '../..', ''); entry('etc/up/through', 0, '', 'bad');
    entry('etc/hard', 1, 'etc/../secret', ''); entry('etc/hard2', 1, 'etc/link/secret', ''); entry('etc/hard3', 1, '${folder}/secret', '');
    entry('etc/secret', 2, '${folder}/secret', ''); entry('etc/secret', 0, '', 'replaced');
    entry('etc/dev', 3, '', ''); entry('etc/pipe', 6, '', ''); entry("etc/e\\e[2Jvil/../../x", 0, '', 'bad'); entry('etc/good', 0, '', 'good');`)
  const tar = execFileSync('perl', ['-e', program])
  const place = { ...sharedEngine(), host: await engineBetween({ tar }) }
  const before = readdirSync(folder).sort()
  const { code, stderr } = await run(['cp', `${stopped.name}:/etc/.`, join(folder, 'to')], { place })
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/out was not copied: it leads above the folder'),
  })
  expect(stderr).toContain('etc/hard was not copied: it is a name of what leads above the folder')
  expect(stderr).not.toContain('\x1b')
  expect(readdirSync(folder).sort()).toEqual(before)
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('of the host')
  expect(lstatSync(join(folder, 'secret')).nlink).toBe(1)
  expect(readdirSync(join(folder, 'to')).sort()).toEqual(['abs', 'good', 'link', 'old', 'secret', 'two', 'up'])
  expect(lstatSync(join(folder, 'to/secret')).isFile()).toBe(true)
})

test('CVE-2026-41568, CVE-2026-42306: nothing is mounted for a copy, so that no link can lead a mount elsewhere', async () => {
  const volume = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/vol/data': '' } } })
  await run([
    volume.name,
    'sh',
    '-c',
    `mkdir -p /vol2; cd /vol2; while :; do ln -sfn ${folder} link; rm link; mkdir link; rmdir link; done >/dev/null 2>&1 &`,
  ])
  const calls = join(folder, 'calls')
  const traced = ['strace', '-f', '-qq', '-o', calls, '-e', 'trace=execve,setns,mount,umount2,move_mount,open_tree']
  const before = readdirSync(folder).sort()
  for (const to of ['/vol/data/x', '/vol2/link/x', '/vol/data/y']) {
    await run(['cp', join(folder, 'secret'), `${volume.name}:${to}`], { under: traced })
    const made = readFileSync(calls, 'utf8')
    rmSync(calls)
    // It has been seen going in.
    expect(made).toMatch(/ setns\(\d+, \S+\) += 0/)
    expect(made.split('\n').filter((line) => /mount|open_tree/.test(line.replace(/ execve\(.*/, '')))).toEqual([])
    expect(readdirSync(folder).sort()).toEqual(before)
  }
})

test('CVE-2020-8566: bytes of what is copied are in no message, whatever goes wrong', async () => {
  const small = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/small': 'size=64k' } } })
  const token = join(folder, 'to/token')
  writeFileSync(token, 'hunter2-secret'.repeat(10_000))
  execFileSync('sh', [
    '-c',
    'cd "$1"; gzip -c token | head -c 200 > cut.gz; printf damaged >> cut.gz',
    'sh',
    join(folder, 'to'),
  ])
  const copies: [words: string[], input?: string][] = [
    [[token, `${box.name}:/token`]],
    [[token, `${box.name}:/proc/none`]],
    [[token, `${small.name}:/small/full`]],
    [['-', `${box.name}:/`], token],
    [['-', `${box.name}:/`], join(folder, 'to/cut.gz')],
  ]
  for (const under of [[], asNobody()]) {
    for (const [words, input] of copies) {
      for (const flags of [['-v'], ['-v', '--json']]) {
        const { stdout, stderr } = await run(['cp', ...flags, ...words], {
          ...{ under, env: { DEBUG: '*' } },
          ...(input !== undefined && { input: readFileSync(input) }),
        })
        expect(stderr).not.toBe('')
        expect(`${stdout}${stderr}`).not.toMatch(/hunter2|68756e746572|aHVudGVy/)
      }
    }
  }
})

test('CVE-2018-1002100, -2019-1002101, -11246, -11249, -11251: a tar whose names and links lead out', async () => {
  const program =
    hostile(`entry('../out', 0, '', 'bad'); entry('a/../../out', 0, '', 'bad'); entry('/abs', 0, '', 'inside');
    entry('link', 2, '${folder}', ''); entry('link/through', 0, '', 'bad'); entry('up', 2, '..', ''); entry('up/through', 0, '', 'bad');
    entry('hard', 1, '../secret', ''); entry('hard2', 1, 'link/secret', ''); entry("e\\e[2J\\nvil/../../x", 0, '', 'bad'); entry('good', 0, '', 'good');`)
  await inside(`rm -rf /t ${folder}; mkdir -p /t/to ${folder}; echo of the box | tee ${folder}/secret > /t/secret`)
  const { code, stderr } = await shell(`perl -e "$PROGRAM" | docker-bash cp - ${box.name}:/t/to`, {
    env: { PROGRAM: program },
  })
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('../out was not copied: it leads above the folder'),
  })
  expect(stderr).toContain('hard was not copied: it is a name of what leads above the folder')
  expect(stderr).not.toContain('\x1b')
  expect(await inside(`cd /t; find . | sort | tr '\\n' ' '; cat to/good to/abs; ls ${folder}`)).toBe(
    '. ./secret ./to ./to/abs ./to/good ./to/link ./to/up goodinsidesecret\n',
  )
})

test('names of a container go into the folder that was named and nowhere else, and no terminal takes them for orders', async () => {
  await inside(
    `rm -rf /n; mkdir /n; cd /n; ln -s ${folder} a; echo x > "$(printf 'e\\033[2Jvil')"; mkfifo "$(printf 'p\\033[2Jipe')"; mkdir d; echo x > d/secret`,
  )
  // A link of an earlier copy, and now a folder of that name.
  expect((await run(['cp', `${box.name}:/n/.`, join(folder, 'to')])).stderr).not.toContain('\x1b')
  expect(lstatSync(join(folder, 'to/a')).isSymbolicLink()).toBe(true)
  await inside('cd /n; rm a; mkdir a; echo bad > a/secret; echo bad > a/new')
  const { code, stderr } = await run(['cp', `${box.name}:/n/.`, join(folder, 'to')])
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('/n/./a was not copied') })
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('of the host')
  expect(existsSync(join(folder, 'new'))).toBe(false)
})

test('a device is never opened, nor a FIFO waited for; the setuid bit and devices stay there without -a', async () => {
  await inside(
    'rm -rf /dev1; mkdir /dev1; cd /dev1; mkfifo fifo; mknod zero c 1 5; echo x > su; chmod 4755 su; ln -s zero link',
  )
  const { code, stderr } = await run(['cp', `${box.name}:/dev1`, join(folder, 'to')])
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/zero was not copied: a device/) })
  expect(readdirSync(join(folder, 'to/dev1')).sort()).toEqual(['link', 'su'])
  expect(lstatSync(join(folder, 'to/dev1/su')).mode & 0o7000).toBe(0)
  expect((await run(['cp', '-L', `${box.name}:/dev1/link`, join(folder, 'to/x')])).code).toBe(1)
})
