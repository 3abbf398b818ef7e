/** What others have put where a file should be, or into one: nothing waits for it, is filled by it, or is slowed down. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArgs, readProc } from '../../src/lib/host/proc'
import { watchdogArgv } from '../../src/lib/inside/watchdog'
import { type RunOptions, run, shell } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { sshdContainer } from '../support/sshd'

/** Long for a command, short for one that waits. */
const timeoutMs = 20_000
let target: Container
beforeAll(async () => {
  target = await container({ image: 'busybox' })
})

const fifo = (path: string) => void execFileSync('mkfifo', ['-m', '600', path])
const zero = (path: string) => symlinkSync('/dev/zero', path)
const kinds: [string, (path: string) => void][] = [
  ['a FIFO that nobody writes to', fifo],
  ['a device without end', zero],
]

async function said(words: readonly string[], options: RunOptions = {}) {
  const { code, stdout, stderr } = await run(words, { timeoutMs, memory: true, ...options })
  return { code, stdout: stdout.toString(), stderr }
}
const hello = { code: 0, stdout: 'hello\n', stderr: '' }
const refused = (words: RegExp | string) => ({ code: 125, stdout: '', stderr: expect.stringMatching(words) })

describe.each(kinds)('%s', (_, make) => {
  test('as .env and compose file: they name no project', async () => {
    const cwd = scratch('project')
    make(join(cwd, '.env'))
    make(join(cwd, 'compose.yaml'))
    writeFileSync(join(cwd, 'compose.yml'), '')
    expect(await said([target.name, 'echo', 'hello'], { cwd })).toEqual(hello)
    const env = { COMPOSE_FILE: 'compose.yaml' }
    expect(await said([target.name, 'echo', 'hello'], { cwd, env })).toEqual(hello)
  })
  test('as our config', async () => {
    const folder = scratch('config')
    mkdirSync(join(folder, 'docker-bash'))
    make(join(folder, 'docker-bash', 'config.json'))
    const refusal = /config\.json.*: it is not a regular file|\/dev\/zero can be written/
    expect(await said(['web', 'true'], { env: { XDG_CONFIG_HOME: folder } })).toEqual(refused(refusal))
  })
  test('as Docker’s config and a context', async () => {
    const DOCKER_CONFIG = scratch('docker')
    make(join(DOCKER_CONFIG, 'config.json'))
    const meta = join(DOCKER_CONFIG, 'contexts', 'meta', createHash('sha256').update('one').digest('hex'))
    mkdirSync(meta, { recursive: true })
    make(join(meta, 'meta.json'))
    const env = { DOCKER_CONFIG, DOCKER_HOST: undefined }
    expect(await said(['web', 'true'], { env })).toEqual(refused("going on without Docker's config file"))
    const one = refused('cannot read the context one: it is not a regular file')
    expect(await said(['--context', 'one', 'web', 'true'], { env })).toEqual(one)
  })
  test('as a certificate', async () => {
    const DOCKER_CERT_PATH = scratch('certificates')
    make(join(DOCKER_CERT_PATH, 'ca.pem'))
    const env = { DOCKER_CERT_PATH, DOCKER_TLS_VERIFY: '1', DOCKER_HOST: 'tcp://127.0.0.1:1' }
    const words = 'cannot read the TLS files for tcp://127.0.0.1:1: it is not a regular file'
    expect(await said(['web', 'true'], { env })).toEqual(refused(words))
  })
  test('as a key that is named, or an enrolment of ours', async () => {
    const HOME = scratch('home')
    make(join(HOME, 'key'))
    const key = await said(['key', 'generate', '--import', join(HOME, 'key'), 'work'], { env: { HOME } })
    expect(key).toEqual(refused('it is not a regular file'))
    const enrolled = join(HOME, '.local/share/docker-bash/enrolled')
    mkdirSync(enrolled, { recursive: true, mode: 0o700 })
    make(join(enrolled, `${target.id}.json`))
    const note = await said([target.name, 'echo', 'hello'], { env: { HOME } })
    expect(note).toEqual(refused(/\.json: it is not a regular file/))
  })
})

describe('--env-file', () => {
  const having = (file: string) => shell(`docker-bash --env-file ${file} ${target.name} sh -c 'echo $A'`, { timeoutMs })
  test('a pipe of the user’s own is read', async () => {
    const { code, stdout } = await having('<(sleep 0.2; echo A=hello)')
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'hello\n' })
    expect((await having('/dev/null')).code).toBe(0)
  })
  test('what has no end is refused', async () => {
    const { code, stderr } = await having('/dev/zero')
    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: expect.stringMatching('cannot read --env-file /dev/zero: it is larger than 1 MiB'),
    })
  })
})

test('files of a container that are made to be slow: a look takes no longer', async () => {
  const slow = await sshdContainer({ serve: false })
  const make = `
    head -c 1000000 /dev/zero | tr '\\0' '\\n' >/etc/ssh/sshd_config
    mkdir -m 700 -p /root/.ssh; cd /root/.ssh
    { printf 'ssh-rsa AAAA'; head -c 200000 /dev/zero | tr '\\0' '\\r'; echo x
      printf 'ssh-rsa AAAA'; head -c 50000 /dev/zero | tr '\\0' ' '; printf '\\342\\200\\250x\\n'; } >authorized_keys`
  expect((await docker().inside(slow.id, ['sh', '-c', make])).code).toBe(0)
  for (const words of [
    ['ls', '--json'],
    ['key', 'list', '--json', slow.name],
  ]) {
    expect(await said(words)).toMatchObject({ code: 0 })
  }
})

test('a process whose words are all of its memory is not read', async () => {
  const [mmap, prctl, brk] = process.arch === 'arm64' ? [222, 167, 214] : [9, 157, 12]
  // A gibibyte of nothing; PR_SET_MM_MAP says that the words are there, and the rest as it is. No privilege is needed.
  const lie = `my $at = syscall(${mmap}, 0, 1 << 30, 1, 0x4022, -1, 0);
    open(my $file, '<', '/proc/self/stat'); my $line = <$file>; $line =~ s/.*\\) //; my @stat = split ' ', $line;
    my @end = ($at, $at + (1 << 30) - 4096);
    my $map = pack('Q12 L2', @stat[23, 24, 42 .. 44], syscall(${brk}, 0), $stat[25], @end, @end, 0, 0, 0xffffffff);
    syscall(${prctl}, 35, 14, $map, length $map, 0) == 0 or die "$!";
    $| = 1; print "lies\\n"; sleep 600`
  const liar = spawn('perl', ['-e', lie], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(liar.stdout, 'data')
    const before = process.memoryUsage().rss
    expect(readArgs(liar.pid ?? 0)).toEqual([])
    expect(readProc(liar.pid ?? 0, 'environ')).toBeUndefined()
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    // A watchdog that was not told which process to end looks for it among all of the host's.
    const [program = '', ...words] = watchdogArgv('/bin/sh', 'docker-bash:nothing')
    expect(spawnSync(program, words, { input: '', timeout: 20_000 })).toMatchObject({ status: 0, signal: null })
  } finally {
    liar.kill('SIGKILL')
  }
})
