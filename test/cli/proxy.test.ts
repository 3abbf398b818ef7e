/** OpenSSH's client into containers, by `docker-bash proxy`: sessions, and their ends. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { run, shell, start } from '../support/cli'
import { type Container, container, uniqueName } from '../support/containers'
import { changesOf } from '../support/debug'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { openTerminal } from '../support/tmux'

let box: Container
let debian: Container
let client: SshClient
beforeAll(async () => {
  client = await sshClient()
  box = await container({ image: 'busybox', name: `T-${uniqueName()}` })
  debian = await container({ image: 'debian' })
})

/** Flags for ssh: flags for its proxy. */
const through = (flags: string) => ['-o', `ProxyCommand=docker-bash proxy ${flags} %n`]

const seen = ({ code, stdout, stderr }: { code: number | null; stdout: Buffer; stderr: string }) => ({
  ...{ code, stdout: stdout.toString(), stderr },
})

test('a command: both outputs apart, its code, at home, by a name with capital letters', async () => {
  const said = await client.ssh(box.name, ['pwd; echo wrong >&2; exit 7'])
  expect(seen(said)).toEqual({ code: 7, stdout: '/root\n', stderr: 'wrong\n' })
})

test.each([0, 1, 255])('the code %i', async (code) => {
  expect((await client.ssh(box.name, [`exit ${code}`])).code).toBe(code)
})

test('bytes both ways, to the end of the input', async () => {
  const bytes = randomBytes(5_000_000)
  const { code, stdout } = await client.ssh(debian.name, ['cat'], { input: bytes })
  expect({ code, same: stdout.equals(bytes) }).toEqual({ code: 0, same: true })
})

test('by root the runtime copies neither input nor output', async () => {
  const command = 'head -c 8000000 | wc -c; head -c 8000000 /dev/zero; echo all >&2; exec sleep 1000'
  const words = ['-F', client.config, `${debian.name}.docker`, command]
  const ssh = start(words, { program: 'ssh', env: client.env, input: randomBytes(8_000_000) })
  await ssh.said(/all/, 'stderr')
  await waitForProcess(debian.id, /^sleep 1000$/)
  const inside = await processesOf(debian.id)
  const all = processes()
  const started = inside.filter(({ ppid }) => !inside.some(({ pid }) => pid === ppid))
  const runtime = all.find(({ pid, args }) => args.includes('exec') && started.some(({ ppid }) => ppid === pid))
  const copied = Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${runtime?.pid}/io`, 'utf8'))?.[1])
  expect(copied).toBeLessThan(100_000)
  ssh.kill('SIGTERM')
  const { stdout } = await ssh.ended
  expect(stdout).toEqual(Buffer.concat([Buffer.from('8000000\n'), Buffer.alloc(8_000_000)]))
})

test('a command is bytes, and the shell’s as a whole', async () => {
  const text = `printf '%s\\n' "a  b" '$x' "\xe9"; x=1 y=2; echo $((x + y)) | cat`
  // ssh joins its words by a space, and bash writes a byte that is no UTF-8.
  const line = `ssh -F "$cfg" ${box.name}.docker "$(printf '%b' ${JSON.stringify('printf caf\\0351')})" | od -An -tx1`
  expect((await client.line(line)).stdout.toString()).toMatch(/63 61 66 e9\n$/)
  const said = await client.ssh(box.name, [text])
  expect(seen(said)).toEqual({ code: 0, stdout: 'a  b\n$x\né\n3\n', stderr: '' })
})

test('a shell that reads what it is to do, and a user who is asked for by name or number', async () => {
  const script = 'id -un; echo "$USER $HOME"; exit 3\n'
  const { code, stdout } = await client.ssh(debian.name, [], { flags: ['-T', '-l', 'nobody'], input: script })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: 'nobody\nnobody /nonexistent\n' })
  expect((await client.ssh(box.name, ['id -u'], { flags: ['-l', '4711'] })).stdout.toString()).toBe('4711\n')
})

test('a container’s own user is who comes in', async () => {
  const web = await container({ image: 'debian', user: 'nobody' })
  expect((await client.ssh(web.name, ['id -un'])).stdout.toString()).toBe('nobody\n')
  expect((await client.ssh(web.name, ['id -un'], { flags: ['-l', 'root'] })).stdout.toString()).toBe('root\n')
})

test('a user who is not there is refused, with those who are', async () => {
  const { code, stderr } = await client.ssh(box.name, ['true'], { flags: ['-l', 'bob'] })
  expect({ code, stderr }).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(
      /there is no user bob in .*\n +it knows root, nobody; its own user is called docker-bash\n/,
    ),
  })
})

test('what is not there is said in one line, before anything of SSH', async () => {
  const { code, stdout, stderr } = await run(['proxy', 'no-such-container'], { env: client.env })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  expect(stderr).toMatch(/^docker-bash: no container named no-such-container\n/)
})

test('variables for the language and the terminal go along, others do not', async () => {
  const flags = ['LC_TEST', 'COLORTERM', 'SECRET'].flatMap((name) => ['-o', `SendEnv=${name}`])
  const env = { LC_TEST: 'a b', COLORTERM: 'truecolor', SECRET: 'x' }
  const { stdout } = await client.ssh(box.name, ['echo "$LC_TEST|$COLORTERM|$SECRET|$SSH_CONNECTION|$SSH_TTY"'], {
    ...{ flags, env },
  })
  expect(stdout.toString()).toBe('a b|truecolor||UNKNOWN 65535 UNKNOWN 65535|\n')
})

test('without a shell: a program by plain words; for what takes a shell, tools are brought along, and it is said', async () => {
  const bare = await container({ image: 'bare' })
  const plain = await client.ssh(bare.name, ['/bare', 'print', "'a  b'"])
  expect(seen(plain)).toEqual({ code: 0, stdout: 'a  b\n', stderr: '' })
  const stderr = `docker-bash: ${bare.name} has no shell: tools are brought along (docker-bash debug)\n`
  for (const words of [['/bare print $((6 * 7)); exit 3'], []]) {
    const said = await client.ssh(bare.name, words, { flags: ['-T'], input: '/bare print 42; exit 3\n' })
    expect(seen(said)).toEqual({ code: 3, stdout: '42\n', stderr })
  }
  expect(await changesOf(bare.id)).toBeNull()
})

test('without a shell, by exec alone: 127, with the way in that there is', async () => {
  const bare = await container({ image: 'bare' })
  for (const words of [['/bare print $HOME'], []]) {
    const { code, stderr } = await client.ssh(bare.name, words, { flags: ['-T', ...through('--via exec')] })
    expect(code).toBe(127)
    expect(stderr).toMatch(`docker-bash: ${bare.name} has no shell\n  bring one along: docker-bash debug ${bare.name}`)
  }
})

test('tools by the user’s own word, whatever there is, and nothing is said: by a flag, and by a setting', async () => {
  // Debian has none.
  const asked = 'command -v busybox; cat /etc/debian_version; exit 4'
  const own = (await client.ssh(debian.name, [asked])).stdout.toString()
  const ways = [{ flags: through('--via debug') }, { env: { DOCKER_BASH_VIA: 'debug' } }]
  for (const way of ways) {
    const { code, stdout, stderr } = await client.ssh(debian.name, [asked], way)
    expect({ code, stderr, more: stdout.toString().replace(own, '') }).toEqual({
      ...{ code: 4, stderr: '', more: 'busybox\n' },
    })
  }
  // A flag is meant, a setting may give way.
  const stronger = { flags: through('--via exec'), env: { DOCKER_BASH_VIA: 'debug' } }
  expect((await client.ssh(debian.name, [asked], stronger)).stdout.toString()).toBe(own)
})

test('a terminal with tools brought along: its size and later ones, its modes, its name', async () => {
  const bare = await container({ image: 'bare' })
  const terminal = await openTerminal({ columns: 97, rows: 31, env: client.env })
  await terminal.type(`stty erase ^H -ixon; TERM=screen ssh -F "$cfg" ${bare.name}.docker\n`)
  // What comes behind our line begins where a line begins, though the terminal is raw by then.
  await terminal.until(new RegExp(`^docker-bash: ${bare.name} has no shell: .*\\n+BusyBox `, 'm'), 20_000)
  await terminal.type('clear; stty size; stty -a; echo $TERM; trap "stty size" WINCH\n')
  const text = await terminal.until(/^screen$/m)
  expect(text).toMatch(/^31 97$/m)
  expect(text).toMatch(/erase = \^H;/)
  expect(text).toMatch(/ -ixon/)
  await terminal.resize(71, 23)
  await terminal.type('stty size\n')
  await terminal.until(/^23 71$/m)
  await terminal.kill()
  await waitGone(bare.id, /\bsh$/)
})

test('a terminal: its size, its modes, its name', async () => {
  const inside = 'stty size; stty -a; echo "$TERM"; tty <&2; echo "$SSH_TTY"'
  const file = join(client.home, 'terminal.sh')
  writeFileSync(
    file,
    `stty rows 31 cols 97 erase '^H' -ixon iutf8\nexec ssh -tt -F "$cfg" ${debian.name}.docker '${inside}'\n`,
  )
  // A terminal of ssh's own.
  const { stdout } = await client.line(`script -qec 'sh ${file}' /dev/null`, { env: { TERM: 'screen' } })
  const text = stdout.toString()
  for (const part of ['31 97\r\n', 'erase = ^H;', ' -ixon', ' iutf8', '\r\nscreen\r\n/dev/pts/', '\r\n/dev/tty\r\n']) {
    expect(text).toContain(part)
  }
})

test('a client that is killed takes its command along; so do a proxy that is killed, and one that is hung up', async () => {
  for (const [signal, whose] of [
    ['SIGKILL', 'client'],
    ['SIGKILL', 'proxy'],
    ['SIGHUP', 'proxy'],
  ] as const) {
    const seconds = String(10_000 + Math.floor(Math.random() * 80_000))
    const over = new AbortController()
    const ended = client.ssh(debian.name, [`sleep ${seconds}; true`], { signal: over.signal })
    await waitForProcess(debian.id, new RegExp(`^sleep ${seconds}$`), 20_000)
    if (whose === 'client') over.abort()
    else await shell(`pkill ${signal.replace('SIG', '-')} -f 'proxy ${debian.name}.docker'`)
    await ended
    await waitGone(debian.id, new RegExp(`sleep ${seconds}`), 10_000)
  }
  const left = (await processesOf(debian.id))
    .map(({ line }) => line)
    .filter((line) => !/^sh -c trap|^sleep 1000$/.test(line))
  expect(left).toEqual([])
})

test('many sessions over one connection, and keys exchanged anew all the time', async () => {
  const control = join(client.home, 'control')
  const flags = `-F $cfg -o ControlPath=${control} -o RekeyLimit=300K ${debian.name}.docker`
  const each = 'head -c 1000000 /dev/zero | tr "\\0" x | wc -c; cat | wc -c'
  const many = Array.from(
    { length: 8 },
    (_, at) => `head -c 700000 /dev/zero | ssh ${flags} '${each}; exit ${at}' & p[${at}]=$!`,
  )
  const { stdout } = await client.line(
    [`ssh -MNf ${flags}`, ...many, 'for q in "${p[@]}"; do wait $q; echo "code $?"; done', `ssh -O exit ${flags}`].join(
      '\n',
    ),
    { timeoutMs: 60_000 },
  )
  const lines = stdout.toString().trim().split('\n')
  expect(lines.filter((line) => line === '1000000')).toHaveLength(8)
  expect(lines.filter((line) => line === '700000')).toHaveLength(8)
  expect(lines.filter((line) => line.startsWith('code'))).toEqual(many.map((_, at) => `code ${at}`))
})

test('the key of our server is ours alone, made once, and known before the first connection', async () => {
  const folder = join(client.home, '.local/share/docker-bash/gateway')
  expect(statSync(join(folder, 'host_ed25519')).mode & 0o777).toBe(0o600)
  const before = readFileSync(join(folder, 'host_ed25519'), 'utf8')
  const many = await Promise.all(Array.from({ length: 3 }, () => client.ssh(box.name, ['true'])))
  expect(many.map(({ code, stderr }) => ({ code, stderr }))).toEqual(many.map(() => ({ code: 0, stderr: '' })))
  expect(readFileSync(join(folder, 'host_ed25519'), 'utf8')).toBe(before)
})

test('what is not SSH, or comes out of order, ends the proxy and nothing else', async () => {
  const other = start(['proxy', box.name], { env: client.env, input: randomBytes(100_000) })
  const early = start(['proxy', box.name], { env: client.env, input: `SSH-2.0-x\r\n${'\0'.repeat(40_000)}` })
  for (const { code, stdout, stderr } of await Promise.all([other.ended, early.ended])) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.toString('latin1')).toMatch(/^SSH-2\.0-OpenSSH_compatible_docker-bash_2026\r\n/)
  }
})

test('one line in front of the user’s own file, which goes again', async () => {
  const mine = 'Host elsewhere\n  User me # caf\xe9\n'
  const set = `mkdir -p -m 700 ~/.ssh; printf '%b' '${mine.replaceAll('\n', '\\n').replace('\xe9', '\\0351')}' > ~/.ssh/config; cp ~/.ssh/config ~/before`
  const text = [
    set,
    'docker-bash ssh-config install; echo "code $?"; cmp ~/.ssh/config ~/before && echo same',
    'docker-bash ssh-config install --yes >/dev/null; docker-bash ssh-config install --yes >/dev/null',
    'head -n 2 ~/.ssh/config; stat -c %a ~/.config/docker-bash/ssh_config',
    'docker-bash ssh-config remove; cmp ~/.ssh/config ~/before && echo same; ls -A ~/.config/docker-bash',
  ].join('\n')
  const { stdout, stderr } = await shell(text)
  expect(stdout.toString().replace(/^.*code 125/s, 'code 125')).toMatch(
    /^code 125\nsame\nInclude (\S+)\/\.config\/docker-bash\/ssh_config\nHost elsewhere\n600\n\1\/\.ssh\/config is as it was\nsame\n$/,
  )
  expect(stderr).toBe(
    'docker-bash: nothing was changed: nobody is here to agree\n  docker-bash ssh-config install --yes\n',
  )
  expect(existsSync(join(client.home, '.ssh/config'))).toBe(true)
})
