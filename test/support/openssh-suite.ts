/** OpenSSH's own tests, as Debian has them, of a server that is `docker-bash proxy` into a container. */
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { algorithms } from '../../src/lib/ssh/server/mended'
import { quote, quoteAll } from '../../src/lib/text/quote'
import { shell } from './cli'
import { container } from './containers'
import { root, scratch, sharedEngine } from './engine'
import type { SuiteTest } from './openssh-tests'

const source = '/usr/lib/openssh/regress'
const fixture = (name: string) => join(root, 'test', 'fixtures', name)

/** The names of all tests in the package. */
export function suiteNames(): string[] {
  ensurePackages({ [join(source, 'test-exec.sh')]: 'openssh-tests' })
  return readdirSync(source).flatMap((name) => /^(.+)\.sh$/.exec(name)?.[1] ?? [])
}

/** Adds a test to this file for each of these. They share a folder, and the container has it at the same path. */
export function opensshTests(tests: readonly SuiteTest[]): void {
  let folder: string
  beforeAll(async () => {
    folder = await prepare()
  })
  test.each(tests.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const script = join(folder, `${name}.sh`)
    writeFileSync(script, edited(one))
    writeFileSync(join(folder, 'offering-ssh'), offeringSsh(one.keys))
    const { code, stdout, stderr } = await shell(
      `cd ${quote(folder)} && exec sh test-exec.sh "$PWD" ${quote(script)}`,
      {
        env: environment(folder),
        timeoutMs: 400_000,
      },
    )
    // A server that is left, and the files' connection.
    await shell(
      `ssh -F ssh_proxy -o ControlPath=files -O exit x 2>/dev/null; test ! -e pidfile || kill "$(cat pidfile)"`,
      { cwd: folder },
    )
    const said = `${stdout}${stderr}`
    expect(said).not.toMatch(/^SKIPPED/m)
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/^ok /m) })
  })
}

function edited({ name, edits = [] }: SuiteTest): string {
  return edits.reduce(
    (text, { from, to }) => {
      const changed = text.replace(from, to)
      if (changed === text) throw new Error(`${name} has nothing like ${from}`)
      return changed
    },
    readFileSync(join(source, `${name}.sh`), 'utf8'),
  )
}

async function prepare(): Promise<string> {
  suiteNames()
  ensurePackages({ plink: 'putty-tools', 'ssh-agent': 'openssh-client' })
  const folder = scratch('openssh')
  cpSync(source, folder, { recursive: true })
  const { host } = sharedEngine()
  const socket = host.slice('unix://'.length)
  const box = await container({
    image: 'debian',
    // What forwards is to be reached beside what it leads to; a client inside finds its way to the proxy.
    hostConfig: {
      NetworkMode: 'host',
      Binds: [`${folder}:${folder}`, '/usr:/usr:ro', `${root}:${root}:ro`, `${socket}:${socket}`],
    },
  })
  const data = join(folder, 'share')
  const server = [process.execPath, join(root, 'bin', 'run.js'), 'proxy', '-H', host, box.name]
  program(join(folder, 'as-sshd'), [
    `export XDG_DATA_HOME=${quote(data)} XDG_CACHE_HOME=${quote(join(folder, 'cache'))}`,
    `exec sh ${quoteAll([fixture('as-sshd.sh'), data, process.execPath, ...server])} -- "$@"`,
  ])
  // One connection for all: its stderr is a file, or whoever waits for the end of ours would wait for it.
  const files = 'ControlMaster=auto ControlPersist=30'.split(' ').flatMap((word) => ['-o', word])
  program(join(folder, 'sftp-server'), [
    `exec ssh -F ${quote(join(folder, 'ssh_proxy'))} ${files.join(' ')} -o ControlPath=${quote(join(folder, 'files'))} -s x sftp 2>>${quote(join(folder, 'files.log'))}`,
  ])
  program(join(folder, 'pinned-plink'), [
    `key=$(ssh-keygen -lf ${quote(join(folder, 'ssh-ed25519.pub'))} | cut -d' ' -f2)`,
    'exec plink -hostkey "$key" "$@"',
  ])
  // Its ~/.putty goes with the rest.
  program(join(folder, 'own-puttygen'), [`HOME=${quote(folder)} exec puttygen "$@"`])
  program(join(folder, 'offering-ssh'), ['exec ssh "$@"'])
  return folder
}

function environment(folder: string): Record<string, string> {
  return {
    // They compare it with that of passwd.
    HOME: userInfo().homedir,
    ...{ TEST_SHELL: 'sh', TEST_SSH_UNSAFE_PERMISSIONS: '1', BUILDDIR: folder, EGREP: 'grep -E' },
    TEST_SSH_SSH: join(folder, 'offering-ssh'),
    TEST_SSH_SSHD: join(folder, 'as-sshd'),
    TEST_SSH_SFTPSERVER: join(folder, 'sftp-server'),
    ...{ TEST_SSH_PLINK: join(folder, 'pinned-plink'), TEST_SSH_PUTTYGEN: join(folder, 'own-puttygen') },
  }
}

/** ssh, but asked for what it can do, it names what we offer. */
function offeringSsh(keys: readonly string[] = []): string {
  const { kex, cipher, hmac } = algorithms
  const offered: Record<string, readonly string[]> = {
    ...{ kex, 'cipher|Ciphers': cipher, 'mac|MACs': hmac, compression: ['none'] },
    'cipher-auth': cipher.filter((name) => name.includes('gcm')),
    'key-plain': [...algorithms.serverHostKey, ...keys],
  }
  const cases = Object.entries(offered).map(([query, names]) => `    ${query}) printf '%s\\n' ${names.join(' ')} ;;`)
  return [
    '#!/bin/sh',
    'case "$1 ${2-}" in -Q\\ * | -E*\\ -Q)',
    '  for query; do :; done',
    '  case $query in',
    ...cases,
    '    *) exit 1 ;;',
    '  esac',
    '  exit ;;',
    'esac',
    'exec /usr/bin/ssh "$@"',
    '',
  ].join('\n')
}

function program(path: string, lines: readonly string[]): void {
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'))
  chmodSync(path, 0o755)
}
