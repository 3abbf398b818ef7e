/** What becomes of sessions by SSH when a client hangs, a disk is full, or the container or its engine goes away. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { type Running, type RunOptions, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { privateEngine, scratch } from '../support/engine'
import { hostSshd } from '../support/host-sshd'
import { waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { until } from '../support/until'

let client: SshClient
beforeAll(async () => {
  client = await sshClient()
})

/** `ssh FLAGS… NAME.docker COMMAND`, once its command has begun. */
async function begun(name: string, flags: readonly string[], command: string, more: RunOptions = {}): Promise<Running> {
  const words = ['-F', client.config, ...flags, `${name}.docker`, `echo begun; ${command}`]
  const ssh = start(words, { program: 'ssh', env: client.env, timeoutMs: 60_000, ...more })
  await ssh.said(/begun/)
  return ssh
}

test.each(['stop', 'kill', 'restart', 'remove'] as const)('the container: %s; 255, and one line', async (verb) => {
  const box = await container({ image: 'busybox' })
  const line = `docker-bash: lost ${box.name}: it has ended`
  // By runc, and by the engine's exec.
  const [plain, terminal] = [await begun(box.name, [], 'sleep 8901'), await begun(box.name, ['-tt'], 'sleep 8902')]
  await (verb === 'remove' ? box.remove() : docker().act(verb, box.id))
  expect(await plain.ended).toMatchObject({ code: 255, stderr: `${line}\n` })
  const { code, stdout } = await terminal.ended
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 255, stdout: `begun\r\n${line}\r\n` })
})

test('a command that is killed in a container that goes on has its own code', async () => {
  const box = await container({ image: 'busybox' })
  for (const flags of [[], ['-tt']]) {
    const ssh = await begun(box.name, flags, 'exec sleep 8903')
    process.kill((await waitForProcess(box.id, /^sleep 8903$/)).pid, 'SIGKILL')
    expect((await ssh.ended).code).toBe(137)
  }
})

test('a container that is paused: its sessions wait, can be left, and go on', async () => {
  const box = await container({ image: 'busybox' })
  const flags = ['-o', `ControlPath=${scratch('paused')}/control`]
  const ssh = await begun(box.name, [...flags, '-M'], 'read word; echo "read $word"', { input: 'open' })
  const other = await begun(box.name, flags, 'sleep 8904')
  await docker().act('pause', box.id)
  other.kill('SIGTERM')
  expect((await other.ended).code).toBe(255)
  ssh.stdin.end('hello\n')
  await docker().act('unpause', box.id)
  expect(await ssh.ended).toMatchObject({ code: 0, stdout: Buffer.from('begun\nread hello\n') })
})

test('the engine is killed: a session by runc goes on, one by its exec ends with 255 and one line', async () => {
  const engine = await privateEngine(['busybox'])
  const box = await container({ image: 'busybox', on: docker(engine.host) })
  const plain = await begun(box.name, [], 'read word; echo "read $word"; exit 7', { place: engine, input: 'open' })
  const terminal = await begun(box.name, ['-tt'], 'sleep 8905', { place: engine })
  await engine.kill()
  const { code, stdout } = await terminal.ended
  expect({ code, stdout: stdout.toString() }).toEqual({
    ...{ code: 255, stdout: expect.stringMatching(/^begun\r\ndocker-bash: lost \S+: .*engine.*\r\n$/) },
  })
  plain.stdin.end('hello\n')
  expect(await plain.ended).toMatchObject({ code: 7, stdout: Buffer.from('begun\nread hello\n') })
})

test('a client that hangs while a command writes without end: the memory is bounded, others go on', async () => {
  const box = await container({ image: 'busybox' })
  const folder = scratch('hanging')
  const key = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const gate = start(['gateway', '--listen', '127.0.0.1:0', '--authorized-keys', `${key}.pub`], {
    ...{ env: { HOME: folder }, timeoutMs: 120_000 },
  })
  const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(await gate.said(/listening at .*\n/)) ?? []
  const known = [
    '-F',
    'none',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ]
  const login = (command: string, more: RunOptions = {}) =>
    start([...known, '-i', key, '-p', port, `${box.name}@127.0.0.1`, command], {
      program: 'ssh',
      env: client.env,
      ...more,
    })
  const hanging = login('yes; sleep 8906', { collect: false })
  const far = start(['-F', client.config, `${box.name}.docker`, 'yes'], {
    program: 'ssh',
    env: client.env,
    collect: false,
  })
  const served = [gate.pid, await proxyOf(far.pid)]
  const written = (pid: number) => Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
  // Well under way; from then on nobody reads.
  for (const one of [hanging, far]) one.stdout.resume()
  for (const pid of served)
    await until(
      () => written(pid) > 50_000_000,
      20_000,
      () => `${written(pid)}`,
    )
  for (const one of [hanging, far]) one.kill('SIGSTOP')
  const quiet = async () => {
    const before = served.map(written)
    for (let count = 0; count < 3; count++)
      expect((await login(`echo ${count}`).ended).stdout.toString()).toBe(`${count}\n`)
    // A login writes little.
    return served.every((pid, at) => written(pid) - (before[at] ?? 0) < 1_000_000)
  }
  await until(quiet, 20_000, () => 'they go on writing')
  const highWater = (pid: number) =>
    Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  for (const pid of served) expect(highWater(pid)).toBeLessThan(250_000)
  for (const one of [hanging, far]) one.kill('SIGKILL')
  gate.kill('SIGTERM')
  await Promise.all([hanging.ended, far.ended, gate.ended])
})

const proxyOf = (client: number) =>
  until(
    () => processes().find(({ ppid, args }) => ppid === client && args.includes('proxy'))?.pid,
    20_000,
    () => 'no proxy',
  )

test('a full disk: sftp and scp hear of it, and the file is as an sshd leaves it', async () => {
  const folder = scratch('full')
  const mount = join(folder, 'mount')
  const box = await container({ image: 'busybox', hostConfig: { Tmpfs: { '/small': 'size=1m' } } })
  writeFileSync(join(folder, 'big'), Buffer.alloc(3_000_000, 'x'))
  for (const name of ['key', 'host'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', '--mkdir', mount])
  const sshd = await hostSshd(join(folder, 'host'), join(folder, 'key.pub'))
  try {
    // The machine's own sshd is where the machine is, and no engine's.
    const here = { place: { host: 'unix:///nowhere' } as never }
    const flags = `-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i ${folder}/key`
    const put = async (options: string, host: string, path: string, more: RunOptions) => {
      const list = `sftp -q -b - ${options} ${host} <<<'ls -ln ${path}' | tail -n +2 | awk '{ print $5 }'`
      const line = [
        `scp -q ${options} big ${host}:${path}/copied; echo "code $?"`,
        list,
        `sftp -q -b - ${options} ${host} <<<'rm ${path}/copied' >/dev/null`,
        `sftp -q -b - ${options} ${host} <<<'put big ${path}/put'; echo "code $?"`,
        list,
      ].join('\n')
      const { stdout, stderr } = await client.line(line, { cwd: folder, ...more })
      return { said: stderr.replaceAll(path, 'PATH'), stdout: stdout.toString().replaceAll(path, 'PATH') }
    }
    const theirs = await put(`${flags} -o Port=${sshd.port}`, 'root@127.0.0.1', mount, here)
    expect(theirs.stdout).toMatch(/^code 1\n\d+\n.*\ncode 1\n\d+\n$/)
    expect(await put('-F $cfg', `${box.name}.docker`, '/small', {})).toEqual(theirs)
  } finally {
    sshd.close()
    execFileSync('umount', ['-l', mount])
    rmSync(mount, { recursive: true })
  }
  expect(statSync(join(folder, 'big')).size).toBe(3_000_000)
})
