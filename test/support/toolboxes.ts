/** Toolboxes for tests: images with programs of their own, made on the spot. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { request } from '../../scripts/engine-http.mjs'
import { findProgram } from '../../scripts/packages.mjs'
import { type TarEntry, tar } from '../../src/lib/toolbox/tar'
import { docker } from './docker-api'

/** The static busybox of this host. */
export const busybox = () => readFileSync(findProgram('busybox') ?? '')

/** Another static program, which says what it is called by. */
export async function bare(): Promise<Buffer> {
  const { createContainer, archive } = reader()
  return archive(await createContainer('test/bare:latest'), '/bare')
}

/** Imports an image with these files. @param changes as Dockerfile lines */
export async function importToolbox(
  tag: string,
  entries: readonly TarEntry[],
  changes: readonly string[] = [],
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: '-', repo: tag, tag: 'latest' })
  for (const change of changes) query.append('changes', change)
  const body = Readable.from([await tar(entries)])
  const { status, text } = await request(docker().host, 'POST', `/images/create?${query}`, { body })
  if (status !== 200 || text.includes('"error"')) throw new Error(`cannot import ${tag}: ${text}`)
}

/** An image with these files for another machine, as `docker save` writes one: an import is always for the engine's. */
export async function loadForeign(tag: string, architecture: string, entries: readonly TarEntry[]): Promise<void> {
  const layer = await tar(entries)
  const digest = createHash('sha256').update(layer).digest('hex')
  const config = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] } }
  const manifest = [{ Config: 'config.json', RepoTags: [`${tag}:latest`], Layers: ['layer.tar'] }]
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  const body = Readable.from([
    await tar([
      { path: 'config.json', mode: 0o644, bytes: json(config) },
      { path: 'manifest.json', mode: 0o644, bytes: json(manifest) },
      { path: 'layer.tar', mode: 0o644, bytes: layer },
    ]),
  ])
  const { status, text } = await request(docker().host, 'POST', '/images/load', { body })
  if (status !== 200 || text.includes('"error"')) throw new Error(`cannot load ${tag}: ${text}`)
}

/** Takes one file out of an image. */
function reader() {
  return {
    createContainer: (image: string) => docker().create('', { Image: image, Cmd: ['none'] }),
    archive: async (id: string, path: string) => {
      const { bytes } = await request(docker().host, 'GET', `/containers/${id}/archive?path=${path}`)
      await docker().remove(id)
      const size = Number.parseInt(bytes.toString('latin1', 124, 136), 8)
      return Buffer.from(bytes.subarray(512, 512 + size))
    },
  }
}
