/** The engine all tests share, started once by global-setup.ts, and private ones for tests that would harm it. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, type EngineOptions, startEngine } from '../../scripts/engine.mjs'
import { importBare, importBusybox, importDebian, importSshd } from '../../scripts/images.mjs'

export type { Engine }

export const root = join(__dirname, '..', '..')

/** The images every engine of the tests has, made with no registry: see scripts/images.mjs. */
export const images = {
  /** Static busybox with its applets; first process `sh`. */
  busybox: 'test/busybox:latest',
  /** Debian 12 with bash, dash, zsh, procps; first process `bash`. */
  debian: 'test/debian:latest',
  /** Nothing but `/bare`: see test/fixtures/bare.c; first process `/bare sleep`. */
  bare: 'test/bare:latest',
  /** Debian 12 with openssh-server and runit; first process `bash`. Imported by the tests that use it. */
  sshd: 'test/sshd:latest',
} as const
export type ImageName = keyof typeof images

/** Where an engine is; `netns` is a path for `nsenter --net=PATH`, in which the containers' addresses are reached. */
export interface Place {
  readonly host: string
  readonly netns?: string
}

export function sharedEngine(): Place {
  const { DOCKER_BASH_TEST_HOST: host, DOCKER_BASH_TEST_NETNS: netns } = process.env
  if (!host || !netns) throw new Error('there is no test engine: global-setup.ts did not run')
  return { host, netns }
}

/** A new empty folder that goes with the shared engine, even if the tests are killed. */
export function scratch(name: string): string {
  const { DOCKER_BASH_TEST_DIR: dir } = process.env
  if (!dir) throw new Error('there is no test engine: global-setup.ts did not run')
  return mkdtempSync(join(dir, `${name}-`))
}

/** An engine for this test file alone, with these images, taken down after its last test. */
export async function privateEngine(wanted: ImageName[] = [], options: EngineOptions = {}): Promise<Engine> {
  const engine = await startEngine(options)
  started.push(engine)
  await Promise.all(wanted.map((name) => importImage(engine.host, name)))
  return engine
}

export async function importImage(host: string, name: ImageName): Promise<void> {
  if (name === 'busybox') await importBusybox(host, images.busybox)
  else if (name === 'sshd') await importSshd(host, images.sshd)
  else if (name === 'debian') await importDebian(host, images.debian)
  else await importBare(host, images.bare, join(root, 'test', 'fixtures', 'bare.c'))
}

const started: Engine[] = []
// Global setup imports this file too, and has no hooks.
if (typeof afterAll === 'function') {
  afterAll(async () => {
    await Promise.all(started.map((engine) => engine.stop()))
  })
}
