/** Tools brought along: nothing of them is left, and nobody inside can lay hands on them or on the host through them. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '../../scripts/engine-http.mjs'
import { findProgram } from '../../scripts/packages.mjs'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { asNobody } from '../support/nobody'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { until } from '../support/until'

const changes = (id: string) => call(docker().host, 'GET', `/containers/${id}/changes`)
const mountsOf = (pid: number) => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')

describe('as root on the host', () => {
  const made = () =>
    container({
      image: 'bare',
      user: '4711',
      hostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'], NetworkMode: 'none' },
    })

  test('a shell with the target’s processes, files and limits; nothing written, mounted or left', async () => {
    const { id, name } = await made()
    const { Pid } = (await docker().inspect(id)).State
    const before = mountsOf(Pid)
    const script = 'id -u; ls /bare; ps | grep -c "/bare sleep"; touch /new; grep CapBnd /proc/self/status; exit 3'
    const { code, stdout, stderr } = await run(['debug', '-c', script, name])
    expect({ code, stdout: stdout.toString().split('\n').slice(0, 2) }).toEqual({ code: 3, stdout: ['4711', '/bare'] })
    expect(stdout.toString()).toMatch(/CapBnd:\t0000000000000000/)
    expect(stderr).toMatch(/Read-only file system/)
    expect(mountsOf(Pid)).toBe(before)
    expect(await changes(id)).toBeNull()
    expect(await processesOf(id)).toHaveLength(1)
  })

  test('nothing is left after kill -9 either', async () => {
    const { id, name } = await made()
    const { Pid } = (await docker().inspect(id)).State
    const before = mountsOf(Pid)
    const running = start(['debug', '-c', 'trap "" HUP TERM; echo ready; sleep 7201; sleep 7202', name])
    await running.said(/ready/)
    running.kill('SIGKILL')
    await waitGone(id, /720[12]/)
    expect(mountsOf(Pid)).toBe(before)
    expect(await changes(id)).toBeNull()
    expect(await processesOf(id)).toHaveLength(1)
  })

  test('a hostile process inside, of the same user, can neither change the tools nor reach the host by them', async () => {
    // A busybox that may trace: the worst neighbour there is without being privileged.
    const { id, name } = await container({ image: 'busybox', hostConfig: { CapAdd: ['SYS_PTRACE'] } })
    const running = start(['debug', '-c', 'echo ready; sleep 7203', name])
    await running.said(/ready/)
    const sleeper = await waitForProcess(id, /^sleep 7203$/)
    const at = `/proc/${sleeper.insidePid}`
    const tools = readFileSync(`/proc/${sleeper.pid}/mountinfo`, 'utf8').match(
      / (\S+) ro,nosuid,nodev[^\n]* - tmpfs tmpfs/,
    )?.[1]
    const tries = [
      `echo broken > ${at}/root${tools}/busybox`,
      `rm -f ${at}/root${tools}/sh`,
      `ln -s /bin/false ${at}/root${tools}/new`,
      `mount -o remount,rw ${at}/root${tools}`,
      `echo broken > ${at}/exe`,
    ]
    for (const attempt of tries) {
      const { code } = await docker().inside(id, ['sh', '-c', attempt])
      expect({ attempt, code: code === 0 }).toEqual({ attempt, code: false })
    }
    const fds = await docker().inside(id, ['ls', '-l', `${at}/fd/`])
    expect(fds.stdout.match(/ -> /g)).toHaveLength(3)
    for (const fd of [0, 1, 2]) {
      expect(statSync(`/proc/${sleeper.pid}/fd/${fd}`).isFIFO() || fd === 0).toBe(true)
    }
    const exe = await docker().inside(id, ['sh', '-c', `ls ${at}/root/..; cat ${at}/root/etc/hostname`])
    expect(exe.stdout.trim().split('\n').at(-1)).toBe(id.slice(0, 12))
    running.kill('SIGTERM')
    await running.ended
  })

  test('a folder of one’s own tools comes along, read-only', async () => {
    const { name } = await made()
    const folder = join(scratch('tools'), 'mine')
    mkdirSync(folder)
    copyFileSync(findProgram('busybox') ?? '', join(folder, 'mytool'))
    chmodSync(join(folder, 'mytool'), 0o755)
    chownSync(folder, 4711, 0)
    const script = 'command -v mytool; echo x >$(dirname $(command -v mytool))/new'
    const { stdout, stderr } = await run(['debug', '--tools', folder, '-c', script, name])
    expect(stdout.toString()).toMatch(/\/own\/mytool\n/)
    expect(stderr).toMatch(/Read-only file system/)
    expect(readdirSync(folder)).toEqual(['mytool'])
  })
})

describe('without root on the host', () => {
  const nobody = () => ({ under: asNobody(), cwd: '/' })
  const made = () => container({ image: 'bare', user: '4711', hostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'] } })

  test('the same from a container beside it, which goes with the session', async () => {
    const { id, name } = await made()
    const script = 'ls /bare; ps | grep -c "/bare sleep"; touch /new; exit 3'
    const { code, stdout, stderr } = await run(['debug', '-c', script, name], nobody())
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: expect.stringMatching(/^\/bare\n[1-9]\n$/) })
    expect(stderr).toMatch(/Read-only file system/)
    expect(await changes(id)).toBeNull()
    expect(await beside(id)).toEqual([])
    expect(await processesOf(id)).toHaveLength(1)
  })

  test.each([
    ['the host', () => Promise.resolve('host')],
    ['another container', async () => `container:${(await container({ image: 'debian' })).id}`],
  ])('into one that shares the PIDs of %s: its own files, as its own user', async (_, mode) => {
    const { id, name } = await container({ image: 'bare', user: '4711', hostConfig: { PidMode: await mode() } })
    const script = 'ls -d /bare /bin 2>/dev/null; id -u; ps | grep -c "[/]bare sleep"'
    const { code, stdout, stderr } = await run(['debug', '-c', script, name], nobody())
    expect({ code, stdout: stdout.toString(), stderr }).toMatchObject({ code: 0 })
    expect(stdout.toString()).toMatch(/^\/bare\n4711\n[1-9]\d*\n$/)
    expect(await changes(id)).toBeNull()
    expect(await beside(id)).toEqual([])
  })

  test('a folder that only root may enter is begun in, as in docker exec', async () => {
    const { id, name } = await container({ image: 'busybox', workdir: '/closed' })
    await docker().inside(id, ['chmod', '700', '/closed'])
    const words = ['--via', 'debug', '-u', '4711', name, 'sh', '-c', 'id -u; pwd; ls']
    const { code, stdout } = await run(words, nobody())
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '4711\n/closed\n' })
  })

  test('-u as in docker exec: names and groups of the target’s own files; its own user without', async () => {
    const cmd = [
      'sh',
      '-c',
      'echo "app:x:77:78::/srv:/x" >>/etc/passwd; echo "more:x:79:app" >>/etc/group; exec sleep 1000',
    ]
    const { id, name } = await container({ image: 'busybox', cmd, hostConfig: { GroupAdd: ['4242'] } })
    await waitForProcess(id, /^sleep 1000$/)
    const who = 'id -u; id -g; id -G; echo $HOME'
    for (const options of [{}, nobody()]) {
      const as = async (...flags: string[]) =>
        (await run(['debug', ...flags, '-c', who, name], options)).stdout.toString().split('\n').slice(0, 4)
      expect(await as('-u', 'app')).toEqual(['77', '78', '78 79 4242', '/srv'])
      expect(await as('-u', '77:more')).toEqual(['77', '79', '79 4242', '/srv'])
      expect(await as()).toEqual(['0', '0', '0 4242', '/root'])
      const unknown = await run(['debug', '-u', 'nosuch', name], options)
      expect(unknown).toMatchObject({ code: 125, stderr: expect.stringMatching(`there is no user nosuch in ${name}`) })
    }
  })

  test('--writable, which takes a mount, is refused with the ways that do it', async () => {
    const { id, name } = await made()
    const { code, stderr } = await run(['debug', '--writable', '-c', 'touch /new', name], nobody())
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringMatching(/as root on its host|--copy/) })
    const { code: asRoot } = await run(['debug', '--writable', '-u', '0', '-c', 'touch /new', name])
    expect(asRoot).toBe(0)
    expect(await changes(id)).toEqual([{ Path: '/new', Kind: 1 }])
    // For that session only.
    expect((await run(['debug', '-u', '0', '-c', 'touch /more', name])).code).toBe(1)
  })

  test('and after kill -9', async () => {
    const { id, name } = await made()
    const running = start(['debug', '-c', 'trap "" HUP; echo ready; sleep 7211', name], nobody())
    await running.said(/ready/)
    running.kill('SIGKILL')
    await until(
      async () => ((await beside(id)) as unknown[]).length === 0,
      15_000,
      () => 'the container beside is still there',
    )
    expect(await processesOf(id)).toHaveLength(1)
    expect(await changes(id)).toBeNull()
  })
})

function beside(id: string): Promise<unknown> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`docker-bash.debug=${id}`] }))
  return call(docker().host, 'GET', `/containers/json?all=1&filters=${filters}`)
}
