/** What `explain` tells of a container before anybody acts in it. */
import type { Facts } from '../../src/lib/target/container-facts'
import { run } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'

const factsOf = async (name: string): Promise<Facts> =>
  (JSON.parse((await run(['explain', '--json', name])).stdout.toString()) as { facts: Facts }).facts

test('privilege, namespaces, limits and how near they are, init, root, mounts, log', async () => {
  const other = await container({ image: 'busybox' })
  const { name, id } = await container({
    image: 'busybox',
    user: 'nobody',
    hostConfig: {
      ...{ CapDrop: ['ALL'], CapAdd: ['CHOWN'], SecurityOpt: ['no-new-privileges'], ReadonlyRootfs: true, Init: true },
      ...{
        NetworkMode: `container:${other.id}`,
        IpcMode: 'host',
        Memory: 64 * 1024 * 1024,
        PidsLimit: 50,
        NanoCpus: 5e8,
      },
      ...{ Binds: ['/usr/share:/data:ro'], LogConfig: { Type: 'none' } },
    },
  })
  expect(await factsOf(name)).toMatchObject({
    privilege: { privileged: false, user: 'nobody', capabilities: ['CHOWN'], seccomp: true, noNewPrivileges: true },
    namespaces: {
      network: `of ${other.id.slice(0, 12)}`,
      pid: 'own',
      ipc: 'host',
      uts: 'own',
      mount: 'own',
      user: 'host',
    },
    limits: {
      memory: { limit: 64 * 1024 * 1024, used: expect.any(Number) },
      processes: { limit: 50, used: expect.any(Number) },
      cpus: 0.5,
    },
    init: { name: 'docker-init', reaps: true },
    root: 'read-only',
    mounts: [{ type: 'bind', source: '/usr/share', target: '/data', writable: false }],
    log: { driver: 'none' },
    restarts: 0,
  })
  const { stdout } = await run(['explain', name])
  const text = stdout.toString()
  expect(text).toMatch(
    /user nobody with 1 capability, seccomp, no new privileges, own namespaces but the host’s ipc and /,
  )
  expect(text).toMatch(/read-only root; init docker-init\n/)
  expect(text).toMatch(/log driver none; limits 64 MiB \(\d+ % used\), 50 processes \(\d+ used\), 0.5 CPUs\n/)
  expect(text).toMatch('mounts /data (/usr/share, read-only)')
  await docker().act('kill', id)
  expect((await run(['explain', name])).stdout.toString()).toMatch(/last ended \d+ seconds? ago with code 137/)
})

test('without root on the host, from the engine alone', async () => {
  const { name } = await container({ image: 'busybox', hostConfig: { CapDrop: ['CHOWN'] } })
  const { stdout } = await run(['explain', '--json', name], {
    under: ['setpriv', '--inh-caps=-all', '--bounding-set=-all'],
  })
  const { facts } = JSON.parse(stdout.toString()) as { facts: Facts }
  expect(facts.privilege.capabilities).toHaveLength(13)
})
