/** Containers of the image under test, with files of the test's put in before they start. */
import { request } from '../../../scripts/engine-http.mjs'
import { uniqueName } from '../../support/containers'
import { docker, type Inside } from '../../support/docker-api'
import { until } from '../../support/until'
import { archiveOf, type Files } from './archive'
import { imageUnderTest } from './images'

export interface BoxOptions {
  /** After `/sbin/my_init`. */
  args?: readonly string[]
  /** Instead of my_init. */
  cmd?: readonly string[]
  /** Each `K=V`. */
  env?: readonly string[]
  files?: Files
  /** Default: the one under test. */
  image?: string
  hostConfig?: object
  more?: object
}

export interface Logs {
  readonly stdout: string
  readonly stderr: string
  /** Both, as they came. */
  readonly all: string
}

export interface Box {
  readonly id: string
  /** A shell script inside: its stdout, and an error if it fails. */
  sh(script: string, user?: string): Promise<string>
  inside(command: readonly string[], user?: string): Promise<Inside>
  logs(): Promise<Logs>
  /** Waits until stdout or stderr have said it. */
  said(pattern: RegExp, timeoutMs?: number): Promise<Logs>
  /** As `docker stop`, with its 10 s: the code the container ended with, and how long it took. */
  stop(): Promise<{ code: number; ms: number }>
  /** The code, once it has ended by itself. */
  ended(): Promise<number>
}

const made: string[] = []
afterAll(async () => {
  await Promise.allSettled(made.map((id) => docker().remove(id)))
})

export async function box(options: BoxOptions = {}): Promise<Box> {
  const api = docker()
  const id = await create(options)
  await api.act('start', id)
  return open(id)
}

/** A container that is not started. */
export async function create(options: BoxOptions = {}): Promise<string> {
  const api = docker()
  const name = uniqueName()
  const id = await api.create(name, {
    Image: options.image ?? (await imageUnderTest()),
    Cmd: options.cmd ?? ['/sbin/my_init', ...(options.args ?? [])],
    Labels: { 'docker-bash.test': name },
    Env: options.env ?? [],
    HostConfig: options.hostConfig ?? {},
    ...options.more,
  })
  made.push(id)
  if (options.files) await putFiles(id, options.files)
  return id
}

/** A one-shot command to its end. */
export async function oneShot(options: BoxOptions): Promise<Logs & { code: number }> {
  const started = await box(options)
  const code = await started.ended()
  return { code, ...(await started.logs()) }
}

export async function putFiles(id: string, files: Files): Promise<void> {
  const path = `/containers/${id}/archive?path=/`
  const { status, text } = await request(docker().host, 'PUT', path, { body: archiveOf(files) })
  if (status !== 200) throw new Error(`cannot put files: ${text}`)
}

export function open(id: string): Box {
  const api = docker()
  const inside: Box['inside'] = (command, user = '') => api.inside(id, [...command], user)
  const logs = async () => split((await request(api.host, 'GET', `/containers/${id}/logs?stdout=1&stderr=1`)).bytes)
  return {
    id,
    inside,
    logs,
    async sh(script, user) {
      const { code, stdout, stderr } = await inside(['sh', '-c', script], user)
      if (code !== 0) throw new Error(`code ${code} from: ${script}\n${stdout}${stderr}`)
      return stdout
    },
    said: (pattern, timeoutMs = 10_000) =>
      until(
        async () => {
          const so = await logs()
          return pattern.test(so.all) && so
        },
        timeoutMs,
        async () => `it did not say ${pattern}, but:\n${(await logs()).all}`,
      ),
    async stop() {
      const from = Date.now()
      await api.act('stop', id, 't=10')
      return { code: (await api.inspect(id)).State.ExitCode, ms: Date.now() - from }
    },
    ended: () => api.wait(id),
  }
}

/** Frames of the engine's stream: one byte the stream, three unused, four the length, then as many bytes. */
function split(bytes: Buffer): Logs {
  const parts: Array<{ stream: number | undefined; data: Buffer }> = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4)
    parts.push({ stream: bytes[at], data: bytes.subarray(at + 8, end) })
    at = end
  }
  const text = (stream?: number) =>
    Buffer.concat(parts.filter((part) => !stream || part.stream === stream).map(({ data }) => data)).toString()
  return { stdout: text(1), stderr: text(2), all: text() }
}
