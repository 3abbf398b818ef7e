/** Root believes nothing of a container that another user of the host could have said. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { parseHost } from '../../src/lib/engine/endpoint'
import { connectLate } from '../../src/lib/engine/engine'
import { lookAtSupervisor } from '../../src/lib/host/container-shim'
import { readStat } from '../../src/lib/host/proc'
import { readRoots, rootsPath, rootsProgram } from '../../src/lib/host/root-owned'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { temporary } from '../support/temporary'

const nobody = 65534
/** Root's container, beside the liars. */
let real: Container
beforeAll(async () => {
  real = await container({ image: 'busybox' })
})

const processes: ChildProcess[] = []
const servers: Server[] = []
afterAll(() => {
  for (const child of processes) child.kill('SIGKILL')
  for (const server of servers) server.close()
})

/** A folder of nobody's, who alone has put there what is in it. */
function folderOfNobody(name: string): string {
  const folder = temporary(name)
  chownSync(folder, nobody, nobody)
  return folder
}

/** Nobody's process with a supervisor's words: its bundle, its options, a state that names its child. */
async function liar(id: string): Promise<void> {
  const folder = folderOfNobody('liar')
  const lie = `open(my $name, '>', '/proc/self/comm'); print $name 'containerd-shim'; close $name; $| = 1;
    my $child = fork; exec 'sleep', '1000' unless $child; print "$child\\n"; sleep 1000`
  const words = ['-e', lie, '--', '-namespace', 'moby', '-id', id]
  const child = spawn('/usr/bin/perl', words, {
    ...{ argv0: '/usr/bin/containerd-shim-runc-v2', cwd: folder, uid: nobody, gid: nobody },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(said.toString())
  const state = join(folder, 'moby', id)
  mkdirSync(state, { recursive: true })
  const files = {
    'init.pid': String(pid),
    'options.json': JSON.stringify({ root: folder, binary_name: '/usr/sbin/runc' }),
    'config.json': JSON.stringify({ process: { cwd: '/', env: [], user: { uid: 0, gid: 0 } } }),
    [`moby/${id}/state.json`]: JSON.stringify({
      ...{ id, init_process_pid: pid, init_process_start: readStat(pid)?.start ?? 0 },
    }),
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text)
    chownSync(join(folder, name), nobody, nobody)
  }
  process.once('exit', () => child.kill('SIGKILL'))
  processes.push({ kill: () => spawnSync('kill', ['-9', String(pid)]).status === 0 } as unknown as ChildProcess)
}

describe('a process that only says it is a supervisor', () => {
  const id = '1f'.repeat(32)
  beforeAll(() => liar(id))

  test.each(['runc', 'nsenter'])('--via %s of the ID it names: not entered', async (via) => {
    const { code, stdout, stderr } = await run(['--via', via, id, 'sh', '-c', 'echo entered'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(`no container named ${id}`)
  })

  test('root’s own container of that ID is found beside it, without the engine too', async () => {
    await liar(real.id)
    const env = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }
    for (const via of ['runc', 'nsenter']) {
      const { code, stdout, stderr } = await run(['--via', via, real.id, 'sh', '-c', 'cat /proc/1/comm'], { env })
      expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: 'sh\n', stderr: '' })
    }
  })

  test('ls looks into the container, and not where it points', async () => {
    await liar(real.id)
    const { stdout } = await run(['ls', '--json'])
    const seen = (JSON.parse(stdout.toString()) as { id: string; shell: string; via: string }[]).find(
      (one) => one.id === real.id,
    )
    expect(seen).toMatchObject({ shell: '/bin/sh', via: 'runc' })
  })

  test('a program that makes root of whoever starts it is none', async () => {
    const program = join(temporary('set-id'), 'containerd-shim-runc-v2')
    chmodSync(dirname(program), 0o755)
    copyFileSync('/bin/sleep', program)
    chmodSync(program, 0o4755)
    const child = spawn(program, ['1000'], { uid: nobody, gid: nobody, stdio: 'ignore' })
    processes.push(child)
    await once(child, 'spawn')
    expect(() => lookAtSupervisor(child.pid ?? 0, ({ program: name }) => name)).toThrow(/is not root’s/)
  })
})

describe('an engine whose socket is another user’s', () => {
  /** Hands everything on to the real engine, from a socket. */
  async function relay(path: string): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = connect({ path: docker().host.slice('unix://'.length), allowHalfOpen: true })
      client.on('error', () => engine.destroy())
      engine.on('error', () => client.destroy())
      client.pipe(engine).pipe(client)
    })
    servers.push(server)
    await once(server.listen(path), 'listening')
  }
  const foreign = (path: string) => connectLate(parseHost(`unix://${path}`, 'DOCKER_HOST')).foreign

  test('is not believed about processes, and still asked for an exec', async () => {
    const socket = join(folderOfNobody('engine'), 'docker.sock')
    await relay(socket)
    chownSync(socket, nobody, nobody)
    const env = { DOCKER_HOST: `unix://${socket}` }
    const why = `the engine is not root’s: ${dirname(socket)} belongs to another user`
    const { stdout } = await run(['explain', '--json', real.name], { env })
    const { verdicts } = JSON.parse(stdout.toString()) as { verdicts: object[] }
    for (const transport of ['runc', 'nsenter']) {
      expect(verdicts).toContainEqual(expect.objectContaining({ transport, fits: false, because: why }))
      const { code, stderr } = await run(['--via', transport, real.name, 'true'], { env })
      expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining(why) })
    }
    const asked = await run(['-v', real.name, 'echo', 'hi'], { env })
    expect(asked.stderr).toMatch(/by exec, as root/)
    expect(asked.stdout.toString()).toBe('hi\n')
    expect((await run(['doctor', '--json'], { env })).stdout.toString()).toContain(why)
  })

  test('a link of another user’s on the way, a folder that others may write, a way through /proc', async () => {
    const folder = temporary('links')
    const socket = join(folder, 'docker.sock')
    await relay(socket)
    // In /tmp, where everybody may put something, but not in place of what is root's.
    expect(foreign(socket)).toBeUndefined()
    symlinkSync(folder, join(folder, 'own'))
    expect(foreign(join(folder, 'own', 'docker.sock'))).toBeUndefined()

    const link = join(folder, 'link')
    symlinkSync(folder, link)
    lchownSync(link, nobody, nobody)
    expect(foreign(join(link, 'docker.sock'))).toMatch(`${link} belongs to another user`)
    expect(foreign(`/proc/self/root${socket}`)).toMatch('is not the path of a file here')
    const shared = temporary('shared')
    chmodSync(shared, 0o770)
    // Whoever may write there could put one there yet.
    expect(foreign(join(shared, 'docker.sock'))).toMatch(`${shared} can be written by others than root`)
    expect(foreign('docker.sock')).toMatch('is not the path of a file here')
  })
})

describe('what a supervisor of root’s points at', () => {
  test('a bundle that others may write, a config.json of another user’s', async () => {
    const { id, name } = await container({ image: 'busybox' })
    const { State } = await docker().inspect(id)
    const bundle = readlinkSync(`/proc/${readStat(State.Pid)?.parent}/cwd`)
    const tries = async () => {
      const { code, stderr } = await run(['--via', 'runc', name, 'true'])
      return { code, stderr }
    }
    expect(await tries()).toEqual({ code: 0, stderr: '' })
    chmodSync(bundle, 0o777)
    expect(await tries()).toEqual({ code: 125, stderr: expect.stringContaining('can be written by others than root') })
    chmodSync(bundle, 0o711)
    chownSync(join(bundle, 'options.json'), nobody, nobody)
    expect(await tries()).toEqual({ code: 125, stderr: expect.stringContaining('belongs to another user') })
    chownSync(join(bundle, 'options.json'), 0, 0)
    expect(await tries()).toEqual({ code: 0, stderr: '' })
  })

  test('a file that is not a file, too large, or a link', () => {
    const folder = temporary('files')
    const at = (name: string) => join(folder, name)
    spawnSync('mkfifo', [at('pipe')])
    writeFileSync(at('large'), 'x'.repeat(100))
    symlinkSync('large', at('link'))
    expect(() => readRoots(at('pipe'))).toThrow(/regular file/)
    expect(() => readRoots(at('large'), 99)).toThrow(/larger/)
    expect(() => readRoots(at('link'))).toThrow(/ELOOP/)
    expect(readRoots(at('large'), 100)).toHaveLength(100)
  })

  test('a runtime where another user could put his own', () => {
    const [own, theirs] = [temporary('runtimes'), folderOfNobody('runtimes')]
    for (const folder of [own, theirs]) copyFileSync('/bin/true', join(folder, 'runc'))
    expect(rootsPath(join(own, 'runc'))).toBe(join(own, 'runc'))
    expect(() => rootsProgram(join(theirs, 'runc'))).toThrow(`${theirs} belongs to another user`)
    chmodSync(join(own, 'runc'), 0o4755)
    expect(() => rootsProgram(join(own, 'runc'))).toThrow(/is not a program to be run/)
    chmodSync(join(own, 'runc'), 0o775)
    expect(() => rootsProgram(join(own, 'runc'))).toThrow(/can be written by others/)
  })

  test('a runtime that is swapped between check and use: the one that was looked at runs, and inherits no way to it', () => {
    const folder = temporary('swapped')
    const [program, other] = [join(folder, 'runc'), join(folder, 'other')]
    copyFileSync('/bin/ls', program)
    writeFileSync(other, '#!/bin/sh\necho swapped\n', { mode: 0o755 })
    const file = rootsProgram(program)
    renameSync(other, program)
    const { stdout } = spawnSync(file, ['-l', '/proc/self/fd'], { encoding: 'utf8' })
    expect(stdout).toContain(' -> ')
    expect(stdout).not.toMatch(/swapped|runc/)
  })
})
