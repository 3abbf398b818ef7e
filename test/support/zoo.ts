/** Every kind of container we can think of, made on this machine. */
import { type Container, type ContainerOptions, container } from './containers'
import { type Docker, docker } from './docker-api'
import type { ImageName, Place } from './engine'
import { remappedEngine } from './remapped'
import { until } from './until'

export interface Animal {
  /** The transport that serves it, for root on the host. */
  readonly via: 'runc' | 'nsenter' | 'debug' | 'copy' | 'unpause'
  make(): Promise<Container>
  /** The engine that has it, when it is not the one all tests share. */
  readonly place?: () => Promise<Place>
}

const stay = 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'

const live = (
  via: Animal['via'],
  options: ContainerOptions,
  then: (made: Container, api: Docker) => Promise<unknown> = () => Promise.resolve(),
): Animal => ({
  via,
  make: async () => {
    const made = await container(options)
    await then(made, docker())
    return made
  },
})

const images: readonly ImageName[] = ['debian', 'busybox', 'bare']
const everyImage = images.flatMap((image): [string, Animal][] => {
  const via = image === 'bare' ? 'debug' : 'runc'
  return [
    [`${image}`, live(via, { image })],
    [`${image}, read-only`, live(via, { image, hostConfig: { ReadonlyRootfs: true } })],
    [`${image}, numeric user`, live(via, { image, user: '4711' })],
    [`${image}, no capabilities`, live(via, { image, hostConfig: { CapDrop: ['ALL'] } })],
    [`${image}, no new privileges`, live(via, { image, hostConfig: { SecurityOpt: ['no-new-privileges'] } })],
  ]
})

const shellRun = (script: string) => ['sh', '-c', `${script}; ${stay}`]

const state = (made: Container, api: Docker, wanted: string) =>
  until(
    async () => (await api.inspect(made.id)).State.Status === wanted,
    20_000,
    () => `not ${wanted}`,
  )

/** A network of the shared engine's, gone with the test's containers. */
async function network(name: string, internal = false): Promise<string> {
  await docker().call('POST', '/networks/create', { Name: name, Internal: internal })
  return name
}

/** One for all of a file's tests. */
let remap: Promise<Place> | undefined
const remapPlace = () => (remap ??= remappedEngine(['busybox', 'bare']))
const mapped = (via: Animal['via'], options: ContainerOptions): Animal => ({
  via,
  place: remapPlace,
  make: async () => container({ ...options, on: docker((await remapPlace()).host) }),
})

/** By what they are. */
export const zoo: ReadonlyMap<string, Animal> = new Map<string, Animal>([
  ...everyImage,
  ['no network', live('runc', { image: 'busybox', hostConfig: { NetworkMode: 'none' } })],
  ['host network', live('runc', { image: 'busybox', hostConfig: { NetworkMode: 'host' } })],
  [
    'internal network',
    {
      via: 'runc',
      make: async () => {
        const name = await network(`zoo-internal-${process.pid}`, true)
        return container({ image: 'busybox', hostConfig: { NetworkMode: name } })
      },
    },
  ],
  [
    'several networks',
    {
      via: 'runc',
      make: async () => {
        const [one, two] = [await network(`zoo-one-${process.pid}`), await network(`zoo-two-${process.pid}`)]
        const made = await container({ image: 'busybox', hostConfig: { NetworkMode: one } })
        await docker().call('POST', `/networks/${two}/connect`, { Container: made.id })
        return made
      },
    },
  ],
  [
    "another's network",
    {
      via: 'runc',
      make: async () => {
        const other = await container({ image: 'busybox' })
        return container({ image: 'busybox', hostConfig: { NetworkMode: `container:${other.id}` } })
      },
    },
  ],
  ['host PIDs', live('runc', { image: 'busybox', hostConfig: { PidMode: 'host' } })],
  ['host PIDs, bare', live('debug', { image: 'bare', hostConfig: { PidMode: 'host' } })],
  ['host IPC and UTS', live('runc', { image: 'busybox', hostConfig: { IpcMode: 'host', UTSMode: 'host' } })],
  ['8 MiB of memory', live('runc', { image: 'busybox', hostConfig: { Memory: 8 * 1024 * 1024 } })],
  ['4 processes', live('nsenter', { image: 'busybox', hostConfig: { PidsLimit: 4 } })],
  ['4 processes, bare', live('debug', { image: 'bare', hostConfig: { PidsLimit: 4 } })],
  ['a terminal', live('runc', { image: 'debian', tty: true })],
  ['broken PATH', live('runc', { image: 'debian', env: ['PATH=/nowhere'], cmd: ['/bin/sleep', '1000'] })],
  ['broken LD_PRELOAD', live('runc', { image: 'debian', env: ['LD_PRELOAD=/nowhere.so'] })],
  [
    'working directory gone',
    live(
      'runc',
      { image: 'busybox', workdir: '/gone/for/good', cmd: shellRun('cd /; rm -r /gone') },
      async (made, api) => {
        await until(
          async () => (await api.inside(made.id, ['test', '-d', '/gone']).catch(() => ({ code: 1 }))).code !== 0,
          5_000,
          () => 'the folder is still there',
        )
      },
    ),
  ],
  ['no /bin/sh', live('runc', { image: 'busybox', cmd: ['ash', '-c', `rm /bin/sh; ${stay}`] })],
  ['no passwd', live('runc', { image: 'busybox', cmd: shellRun('rm /etc/passwd /etc/group') })],
  ['userns-remapped engine', mapped('runc', { image: 'busybox' })],
  ['userns-remapped engine, numeric user', mapped('runc', { image: 'busybox', user: '4711' })],
  ['userns-remapped engine, 4 processes', mapped('nsenter', { image: 'busybox', hostConfig: { PidsLimit: 4 } })],
  ['userns-remapped engine, bare', mapped('debug', { image: 'bare' })],
  ['an init of its own', live('runc', { image: 'busybox', hostConfig: { Init: true } })],
  ['a noexec /tmp and /dev/shm', live('runc', { image: 'busybox', hostConfig: { Tmpfs: { '/tmp': 'noexec' } } })],
  [
    'few open files',
    live('runc', { image: 'busybox', hostConfig: { Ulimits: [{ Name: 'nofile', Soft: 20, Hard: 20 }] } }),
  ],
  ['paused', live('unpause', { image: 'busybox' }, (made, api) => api.act('pause', made.id))],
  [
    'exited',
    live('copy', { image: 'debian', cmd: ['sh', '-c', 'echo last words; exit 3'] }, (made, api) =>
      state(made, api, 'exited'),
    ),
  ],
  [
    'exited, bare',
    live('copy', { image: 'bare', cmd: ['/bare', 'exit', '4'] }, (made, api) => state(made, api, 'exited')),
  ],
  ['created', live('copy', { image: 'busybox', start: false })],
  ['created, bare and read-only', live('copy', { image: 'bare', start: false, hostConfig: { ReadonlyRootfs: true } })],
  [
    'crash-looping',
    live(
      'copy',
      { image: 'busybox', cmd: ['sh', '-c', 'exit 9'], hostConfig: { RestartPolicy: { Name: 'always' } } },
      (made, api) =>
        until(
          // Each pause is twice as long as the one before: from the fifth on there is time to look at it.
          async () => {
            const { State, RestartCount } = await api.inspect(made.id)
            // An engine gives up where a start fails, as one may on a busy machine.
            if (State.Status === 'exited') await api.act('start', made.id)
            return State.Status === 'restarting' && RestartCount >= 5
          },
          20_000,
          async () => {
            const { State, RestartCount } = await api.inspect(made.id)
            return `it does not keep crashing: ${RestartCount} times, ${JSON.stringify(State)}`
          },
        ),
    ),
  ],
])
