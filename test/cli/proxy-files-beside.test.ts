import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beside, noneBeside } from '../support/beside'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { asNobody, configOfNobody, withoutPerl } from '../support/nobody'
import { processesOf, waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { sshdContainer } from '../support/sshd'
import { wholeAndPart } from '../support/to-copy'

let client: SshClient
let config: string
let web: Container
beforeAll(async () => {
  client = await sshClient()
  config = configOfNobody()
  web = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/fast': '' } } })
})

/** By its words: as they were, or as it has named itself. */
const server = /^\/\.docker-bash\/|^docker-bash-files/

/** In a container, as its root. */
const inside = async ({ name }: Container, script: string, flags: readonly string[] = []) =>
  (await run([...flags, name, 'sh', '-c', script])).stdout.toString()

/** OpenSSH's own client, with a command a line; what it prints besides them. */
async function sftp(to: string, commands: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await client.line(
    `sftp -q -F ${config} -b - ${to} <<'END'\n${commands.join('\n')}\nEND`,
    { cwd },
  )
  const out = stdout.toString().split('\n')
  return { code, out: out.filter((line) => line !== '' && !line.startsWith('sftp> ')), err: stderr }
}

/** What a test that failed leaves would be waited for. */
const holding: string[] = []
afterAll(() => client.line(['true', ...holding.map((folder) => `kill $(cat ${folder}/pid)`)].join('; ')))

/** A session that lasts, once its server is there. */
async function held({ id, name }: Container) {
  const folder = scratch('held')
  holding.push(folder)
  const ended = client.line(
    `mkfifo in; exec 3<>in; ssh -F ${config} -s ${name} sftp <in >out 2>err & echo $! >pid; wait $!; echo $? >code`,
    { cwd: folder },
  )
  return { folder, ended, process: await waitForProcess(id, server, 20_000) }
}

test('scp and sftp: both ways, into tmpfs, relative to home, resumed; nothing is left', async () => {
  const folder = wholeAndPart()
  const batch = [
    ...['pwd', 'put part short', 'reput home short', 'get short', 'reget home part', 'rename home other'],
    ...['ls -1', 'df', 'rm other'],
  ]
  const { code, stdout, stderr } = await client.line(
    [
      'set -e',
      `scp -s -qr -F ${config} 'a b' ${web.name}:/fast/`,
      `scp -qr -F ${config} tree ${web.name}:`,
      `scp -q -F ${config} ${web.name}:/fast/a\\ b back`,
      `cp back home; scp -q -F ${config} home ${web.name}:home`,
      `sftp -q -F ${config} -b - ${web.name} <<<'${batch.join('\n')}'`,
      'for one in back part short; do cmp "a b" $one; done; echo same',
    ].join('\n'),
    { cwd: folder },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.toString()).toMatch(/Remote working directory: \/root\n(.*\n)*other\n(.*\n)*tree\n(.*\n)*same\n$/)
  await noneBeside(web)
})

test('of a container with nothing in it, read-only, as a user without a line', async () => {
  const folder = scratch('bare')
  writeFileSync(join(folder, 'a'), 'a')
  const hostConfig = { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'mode=1777' }, CapDrop: ['ALL'] }
  const bare = await container({ image: 'bare', user: '12345:23456', hostConfig })
  const commands = ['pwd', 'put a /tmp/a', 'rename /tmp/a /tmp/b', 'ls -ln /tmp', 'get /tmp/b b', '-put a /a']
  const { code, out, err } = await sftp(bare.name, commands, folder)
  expect({ code, out }).toEqual({
    ...{ code: 0, out: ['Remote working directory: /', expect.stringMatching(/ 12345 +23456 +1 .*\/tmp\/b$/)] },
  })
  expect(err).toMatch(/"\/a": (?:Read-only file system|Failure)/)
  expect(existsSync(join(folder, 'b'))).toBe(true)
  await noneBeside(bare)
})

test('as its user, in all of the user’s groups', async () => {
  await inside(
    web,
    'echo team:x:4000:nobody >> /etc/group; mkdir /g; echo x > /g/team; chown 0:4000 /g/team; chmod 640 /g/team',
  )
  await inside(web, 'echo x > /g/roots; chmod 600 /g/roots; mkdir -m 1777 /g/all')
  const folder = scratch('user')
  const commands = ['get /g/team', 'put team /g/all/mine', 'ls -ln /g/all', '-get /g/roots', '-chmod 666 /g/team']
  const { out, err } = await sftp(`nobody@${web.name}`, commands, folder)
  expect(out).toEqual([expect.stringMatching(/ (?:65534|nobody) .*\/g\/all\/mine$/)])
  expect(existsSync(join(folder, 'team'))).toBe(true)
  expect(existsSync(join(folder, 'roots'))).toBe(false)
  expect(err).toMatch(/\/g\/roots": Permission denied/)
  expect(err).toMatch(/\/g\/team": Permission denied/)
})

test('root may no more than the root of that container', async () => {
  const few = await container({ image: 'busybox', hostConfig: { CapDrop: ['ALL'], CapAdd: ['CHOWN'] } })
  const script = 'mkdir /c; echo x > /c/a; chmod 600 /c/a; chown 1:1 /c/a; echo x > /c/b'
  await inside(few, script)
  const { err } = await sftp(few.name, ['-get /c/a a', 'chown 1 /c/b'], scratch('few'))
  expect(err).toMatch(/\/c\/a": Permission denied/)
  expect(await inside(few, 'stat -c %u /c/b')).toBe('1\n')
})

test('nothing leads out: no link, no way up, no process', async () => {
  const box = await container({ image: 'busybox' })
  const folder = scratch('links')
  writeFileSync(join(folder, 'secret'), 'of the host')
  await inside(
    box,
    `mkdir /l; cd /l; echo own:x:7:7::/: > /etc/passwd; ln -s /etc/passwd passwd; ln -s ${folder}/secret abs; ln -s ../../../../../..${folder} up; echo inside > /marker`,
  )
  const roots = [
    '/proc/self/root',
    '/proc/1/root',
    '/proc/1/cwd',
    '/proc/self/cwd/../..',
    '/../../..',
    '/proc/self/task/../root/..',
  ]
  const { code, out, err } = await sftp(
    box.name,
    [
      ...[
        'get /l/passwd passwd',
        '-get /l/abs got',
        '-get /l/up/secret got',
        `-get ../../../../..${folder}/secret got`,
      ],
      ...roots.flatMap((one) => [
        `-get ${one}/marker marker`,
        `-ls ${one}/.docker-bash`,
        `-ls ${one}/../../.docker-bash`,
      ]),
      ...['-get /proc/self/map_files/* got', '-put passwd /proc/self/exe', '-put passwd /proc/self/mem'],
      '-put passwd /proc/self/root/proc/self/task/../mem',
    ],
    folder,
  )
  expect({ code, out: out.filter((line) => /\.docker-bash/.test(line) && !/not found/.test(line)) }).toEqual({
    code: 0,
    out: [],
  })
  expect(existsSync(join(folder, 'got'))).toBe(false)
  expect(err.match(/\/mem": Permission denied/g)).toHaveLength(2)
  expect(err).toMatch(/\/proc\/self\/exe": (?!.*No such)/)
  const { stdout } = await client.line('cmp -s passwd /etc/passwd && echo host; cat passwd marker', { cwd: folder })
  expect(stdout.toString()).toBe('own:x:7:7::/:\ninside\n')
})

test('nobody inside looks into it', async () => {
  const { folder, ended, process } = await held(web)
  const at = `/proc/${process.insidePid}`
  const looks = [`ls ${at}/root/`, `ls ${at}/cwd/`, `readlink ${at}/fd/0`, `cat ${at}/environ`, `cat ${at}/maps`]
  const { stdout } = await run([
    '--via',
    'exec',
    web.name,
    'sh',
    '-c',
    `{ ${looks.join('; ')}; } 2>/dev/null; grep -E '^Cap(Eff|Prm)|^Uid' ${at}/status`,
  ])
  // CHOWN, DAC_OVERRIDE, FOWNER and FSETID
  expect(stdout.toString()).toBe('Uid:\t0\t0\t0\t0\nCapPrm:\t000000000000001b\nCapEff:\t000000000000001b\n')
  await client.line('kill $(cat pid)', { cwd: folder })
  await ended
  await noneBeside(web)
})

test('the container ends: the client hears of it', async () => {
  const box = await container({ image: 'busybox' })
  const { folder, ended } = await held(box)
  await docker().act('kill', box.id)
  await ended
  const { stdout } = await client.line('cat err; cat code', { cwd: folder })
  expect(stdout.toString()).toMatch(new RegExp(`docker-bash: lost ${box.name}: it has ended\\n(.*\\n)*255\\n$`))
})

test('its server is killed inside: the client hears of it', async () => {
  const { folder, ended, process } = await held(web)
  await inside(web, `kill -9 ${process.insidePid}`)
  await ended
  const { stdout } = await client.line('cat err', { cwd: folder })
  expect(stdout.toString()).toMatch(`docker-bash: lost ${web.name}: the server of its files has ended\n`)
  await noneBeside(web)
})

test('stopped inside, it goes with its client all the same', async () => {
  const { folder, ended, process } = await held(web)
  await inside(web, `kill -STOP ${process.insidePid}`)
  await client.line('kill $(cat pid)', { cwd: folder })
  await ended
  await noneBeside(web)
})

test('killed, the proxy leaves nothing', async () => {
  const { ended } = await held(web)
  expect(await beside(web)).toHaveLength(1)
  await client.line(`pkill -9 -f 'proxy ${web.name}$'; true`)
  await ended
  await noneBeside(web)
  expect((await processesOf(web.id)).filter(({ line }) => server.test(line))).toEqual([])
})

test('with the processes of the host: by an sftp-server in it; without one that is said', async () => {
  const hostConfig = { PidMode: 'host' }
  const one = await sshdContainer({ serve: false, hostConfig })
  const folder = scratch('own')
  writeFileSync(join(folder, 'here'), 'here')
  expect(await sftp(one.name, ['put here /tmp/there', 'get /tmp/there'], folder)).toEqual({ code: 0, out: [], err: '' })
  expect(existsSync(join(folder, 'there'))).toBe(true)
  const none = await container({ image: 'busybox', hostConfig })
  const because = 'its PID namespace is that of the host, and there is no sftp-server in it'
  expect((await sftp(none.name, ['pwd'], folder)).err).toMatch(
    `docker-bash: the files of ${none.name} cannot be served: ${because}\n  install an sftp-server in it, or run docker-bash as root on the engine’s host\n`,
  )
  const { stdout } = await run(['explain', none.name], { under: asNobody() })
  expect(stdout.toString()).toMatch(/; files by an sftp-server in it, if there is one; /)
})

test('without a perl on this host: by an sftp-server in it; explain says what ssh gets', async () => {
  const one = await sshdContainer({ serve: false })
  const folder = scratch('no-perl')
  writeFileSync(join(folder, 'here'), 'here')
  const none = configOfNobody(withoutPerl)
  const line = `scp -q -F ${none} here ${one.name}:/tmp/there && scp -q -F ${none} ${one.name}:/tmp/there . && cat there`
  expect((await client.line(line, { cwd: folder })).stdout.toString()).toBe('here')
  const { stderr } = await client.line(`scp -q -F ${none} here ${web.name}:/tmp/there`, { cwd: folder })
  expect(stderr).toMatch(/cannot be served: there is no perl on this host .*, and there is no sftp-server in it\n/)
  const told = async (before: readonly string[]) =>
    (await run(['explain', web.name], { under: [...before, ...asNobody()] })).stdout.toString()
  expect(await told([])).toMatch(/; files by a container beside it, some 0\.2 s to start; /)
  expect(await told(withoutPerl)).toMatch(/; files by an sftp-server in it, if there is one; /)
})
