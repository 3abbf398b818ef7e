/** Containers with a real sshd, and keys to log in with. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageUnderTest } from '../engine/image/images'
import { type Container, type ContainerOptions, container } from './containers'
import { docker } from './docker-api'
import { images, importImage, scratch, sharedEngine } from './engine'
import { until } from './until'

export interface TestKey {
  readonly path: string
  /** The line for authorized_keys. */
  readonly public: string
  readonly fingerprint: string
}

/** A key made by ssh-keygen. */
export function testKey(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase = ''): TestKey {
  const path = join(scratch('key'), `id_${type}`)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path])
  const fingerprint = execFileSync('ssh-keygen', ['-lf', path]).toString().split(' ')[1] ?? ''
  return { path, public: readFileSync(`${path}.pub`, 'utf8').trim(), fingerprint }
}

export interface SshdOptions extends Partial<ContainerOptions> {
  /** Authorised for root. */
  key?: TestKey
  /** Default 2222. */
  port?: number
  /** Run before sshd starts. */
  before?: string
  /** Default true: it runs sshd. Otherwise it only has one. */
  serve?: boolean
}

/** A plain Debian whose sshd listens on port 2222; ready when this resolves. */
export async function sshdContainer({
  key,
  port = 2222,
  before = ':',
  serve = true,
  ...options
}: SshdOptions = {}): Promise<Container> {
  await ensureSshdImage()
  const authorise = key ? `mkdir -p -m 700 /root/.ssh; echo '${key.public}' >/root/.ssh/authorized_keys;` : ''
  const stay = serve
    ? `mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e -p ${port}`
    : 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'
  const made = await container({ image: 'sshd', cmd: ['sh', '-c', `${authorise} ${before}; ${stay}`], ...options })
  if (serve && (options.start ?? true)) await waitForLog(made.id, /Server listening/)
  return made
}

export async function ensureSshdImage(): Promise<void> {
  const { host } = sharedEngine()
  if (!(await docker().hasImage(images.sshd))) await importImage(host, 'sshd')
}

/** Resolves when a container has written such a line. */
export function waitForLog(id: string, line: RegExp): Promise<true> {
  return until(
    async () => line.test(await docker().logs(id)) || undefined,
    10_000,
    async () => `${line} in the log:\n${await docker().logs(id)}`,
  )
}

/** A container built as a phusion image is: my_init, runit, sshd switched off by a file, an insecure key. */
export async function phusionContainer(options: Partial<ContainerOptions> = {}): Promise<Container> {
  const Image = await imageUnderTest()
  const made = await container({ image: 'sshd', cmd: ['/sbin/my_init'], ...options, more: { Image, ...options.more } })
  await until(
    async () => (await docker().inside(made.id, ['pgrep', 'runsvdir'])).code === 0 || undefined,
    15_000,
    () => docker().logs(made.id),
  )
  return made
}
