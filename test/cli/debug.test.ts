/** Tools brought along: nothing of them is left, and nobody inside can lay hands on them or on the host through them. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '../../scripts/engine-http.mjs'
import { findProgram } from '../../scripts/packages.mjs'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
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
    expect(await waitGone(id, /720[12]/)).toBeLessThan(2000)
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
  /** As nobody, who may use the engine's socket. */
  const asNobody = () => {
    const { gid } = statSync(docker().host.slice('unix://'.length))
    return {
      under: ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups'],
      env: { HOME: '/nonexistent' },
      cwd: '/',
    }
  }
  const made = () => container({ image: 'bare', user: '4711', hostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'] } })

  test('the same from a container beside it, which goes with the session', async () => {
    const { id, name } = await made()
    const script = 'ls /bare; ps | grep -c "/bare sleep"; touch /new; exit 3'
    const { code, stdout, stderr } = await run(['debug', '-c', script, name], asNobody())
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: expect.stringMatching(/^\/bare\n[1-9]\n$/) })
    expect(stderr).toMatch(/Read-only file system/)
    expect(await changes(id)).toBeNull()
    expect(await beside(id)).toEqual([])
    expect(await processesOf(id)).toHaveLength(1)
  })

  test('and after kill -9', async () => {
    const { id, name } = await made()
    const running = start(['debug', '-c', 'trap "" HUP; echo ready; sleep 7211', name], asNobody())
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
