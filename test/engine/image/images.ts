/** The image under test: ours, built on the test engine, or a foreign one named by DOCKER_BASH_TEST_IMAGE. */
import { closeSync, createReadStream, existsSync, openSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { request } from '../../../scripts/engine-http.mjs'
import { docker } from '../../support/docker-api'
import { root, sharedEngine } from '../../support/engine'
import { until } from '../../support/until'
import { archive, archiveOf, type Files } from './archive'
import { rootfs } from './rootfs'

/** The name of an image on the engine that DOCKER_HOST names (default: the usual socket), to be tested instead. */
export const foreign = process.env.DOCKER_BASH_TEST_IMAGE

const base = 'test/image-base:latest'
const ours = 'test/image:latest'

/** Time for whatever waits for the image to be there. */
export const firstTime = 300_000

/** The name of the image under test on the shared engine. Several test files may ask at once: one makes it. */
export async function imageUnderTest(): Promise<string> {
  const name = foreign ?? ours
  await once(`image-${name}`, () => (foreign ? copy(foreign) : makeOurs()))
  return name
}

/** Builds `image/` as `tag`, on the root filesystem that has its packages. */
export async function buildOurs(tag: string, buildargs: Record<string, string> = {}): Promise<void> {
  await once('image-base', async () => {
    const query = new URLSearchParams({ fromSrc: '-', repo: base.split(':')[0] ?? '', tag: 'latest' })
    await said(`/images/create?${query}`, createReadStream(await rootfs()))
  })
  await build(tag, archive(join(root, 'image')), { BASE: base, ...buildargs })
}

/** Builds an image on the one under test, as its user would. */
export async function derive(tag: string, lines: readonly string[], files: Files = {}): Promise<string> {
  const Dockerfile = [`FROM ${await imageUnderTest()}`, ...lines, ''].join('\n')
  await build(tag, archiveOf({ '/Dockerfile': Dockerfile, ...files }))
  return tag
}

async function makeOurs(): Promise<void> {
  await buildOurs(ours)
}

async function build(tag: string, context: Readable, buildargs: Record<string, string> = {}): Promise<void> {
  const query = new URLSearchParams({ t: tag, buildargs: JSON.stringify(buildargs), forcerm: '1' })
  await said(`/build?${query}`, context)
}

/** From the user's engine into the test's. */
async function copy(name: string): Promise<void> {
  const socketPath = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '')
  const answer = await new Promise<Readable>((resolve, reject) => {
    const path = `/images/${encodeURIComponent(name)}/get`
    get({ socketPath, path, headers: { Host: 'engine' } }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`no image ${name} at ${socketPath}: HTTP ${response.statusCode}`))
    }).on('error', reject)
  })
  await said('/images/load', answer)
}

/** Such an answer begins with 200, and an error can still be in it. */
async function said(path: string, body: Readable): Promise<void> {
  const { status, text } = await request(sharedEngine().host, 'POST', path, { body, timeoutMs: firstTime })
  const error = /\{"error(?:Detail)?":.*/.exec(text)
  if (status !== 200 || error) throw new Error(`${path}: HTTP ${status}: ${text.slice(-3000)}`)
}

/** Does something once for all test files, which run in processes of their own; all wait until it is done. */
async function once(what: string, act: () => Promise<void>): Promise<void> {
  const mark = join(process.env.DOCKER_BASH_TEST_DIR ?? '', what.replaceAll(/[^\w.-]/g, '_'))
  if (claimed(`${mark}.begun`)) {
    await act().catch((error: unknown) => {
      writeFileSync(`${mark}.failed`, String(error))
      throw error
    })
    writeFileSync(`${mark}.done`, '')
  }
  const settled = () => existsSync(`${mark}.done`) || existsSync(`${mark}.failed`)
  await until(settled, firstTime, () => `${what} is not there yet`)
  if (existsSync(`${mark}.failed`)) throw new Error(`${what} failed: see the test that made it`)
}

function claimed(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'))
    return true
  } catch {
    return false
  }
}

/** The image's own settings. */
export async function configOf(name: string): Promise<{ Env: string[]; Cmd: string[] }> {
  const { Config } = (await docker().call('GET', `/images/${name}/json`)) as {
    Config: { Env: string[]; Cmd: string[] }
  }
  return Config
}
