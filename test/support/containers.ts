/** Containers for tests: unique names, one label, all removed after the file's last test. */
import { randomBytes } from 'node:crypto'
import { type Docker, docker } from './docker-api'
import { type ImageName, images } from './engine'

export interface ContainerOptions {
  image: ImageName
  /** Default: a unique one. */
  name?: string
  /** Default: something that stays, and ends at once on SIGTERM. */
  cmd?: string[]
  entrypoint?: string[]
  labels?: Record<string, string>
  user?: string
  /** Each `K=V`. */
  env?: string[]
  tty?: boolean
  workdir?: string
  hostConfig?: object
  /** More of the engine's create body, such as `NetworkingConfig`. */
  more?: object
  /** Default true where it has an sshd, or where its settings name a network; an engine starts others in half the time. */
  network?: boolean
  /** Default true: it runs when this resolves. */
  start?: boolean
  /** Default: on the shared engine. */
  on?: Docker
}

export interface Container {
  readonly id: string
  readonly name: string
  remove(): Promise<void>
}

// A shell as first process would ignore SIGTERM; one with a trap heeds it.
const stay: Record<ImageName, string[]> = {
  busybox: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'],
  debian: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'],
  bare: ['/bare', 'sleep'],
  sshd: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'],
}

export async function container(options: ContainerOptions): Promise<Container> {
  const api = options.on ?? docker()
  const name = options.name ?? uniqueName()
  const id = await api.create(name, {
    Image: images[options.image],
    Cmd: options.cmd ?? stay[options.image],
    ...(options.entrypoint && { Entrypoint: options.entrypoint }),
    Labels: { 'docker-bash.test': name, ...options.labels },
    User: options.user ?? '',
    Env: options.env ?? [],
    Tty: options.tty ?? false,
    WorkingDir: options.workdir ?? '',
    StopTimeout: 1,
    HostConfig: options.hostConfig ?? {},
    NetworkDisabled: !hasNetwork(options),
    ...options.more,
  })
  const remove = () => api.remove(id)
  made.push(remove)
  if (options.start ?? true) await api.act('start', id)
  return { id, name, remove }
}

function hasNetwork({ network, image, hostConfig = {}, more = {} }: ContainerOptions): boolean {
  const { NetworkMode: mode, PortBindings: ports } = hostConfig as { NetworkMode?: string; PortBindings?: object }
  const named = mode ? mode !== 'none' : image === 'sshd' || ports !== undefined
  return network ?? (named || 'NetworkingConfig' in more || 'ExposedPorts' in more)
}

export function uniqueName(): string {
  return `t-${randomBytes(5).toString('hex')}`
}

const made: Array<() => Promise<void>> = []
// An engine that is gone by now took its containers along.
afterAll(async () => {
  await Promise.allSettled(made.map((remove) => remove()))
})
