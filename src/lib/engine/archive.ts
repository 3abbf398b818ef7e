import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { messageOf } from '../errors'
import { client } from './client'
import { type Engine, statusOf } from './engine'
import { findContainer } from './look-up'

/** What the engine says of a path inside a container. */
export interface PathStat {
  readonly executable: boolean
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** In bytes, as far as the engine says it. */
  readonly size: number | undefined
  /** Of a link: where it leads in the end, inside the container. */
  readonly leadsTo?: string
}

// Go's os.FileMode: the type is in the high bits, the permissions in the low nine.
const goDir = 2 ** 31
const goSymlink = 2 ** 27
const goOther = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19

/**
 * Looks at a path, without running anything inside: works in a container that is paused or stopped, too.
 * @returns undefined when there is nothing
 */
export async function statPath(engine: Engine, container: string, path: Path): Promise<PathStat | undefined> {
  let answer: IncomingMessage
  try {
    answer = (await archive(engine, container, { method: 'HEAD', path })) as IncomingMessage
  } catch (error) {
    const isFault = statusOf(error) === 500
    if (isNowhere(isFault ? await reason(engine, container, path) : error)) return undefined
    throw error
  }
  answer.resume()
  return readStat(answer.headers['x-docker-container-path-stat'])
}

/**
 * A path of a container's as a tar, whether it runs or not; its names begin with the path's last one.
 * @throws the engine's refusal: 404 no such container, or nothing is at the path
 */
export async function getArchive(engine: Engine, container: string, path: Path): Promise<Readable> {
  return (await archive(engine, container, { method: 'GET', path })) as Readable
}

/** Lays what is in a tar into a folder of a container's. */
export async function putArchive(engine: Engine, container: string, tar: Readable, path: Path): Promise<void> {
  await archive(engine, container, { method: 'PUT', path, tar })
}

/** Why a HEAD failed, whose answer has no body to say so: the same question as a GET. */
async function reason(engine: Engine, container: string, path: Path): Promise<unknown> {
  try {
    const tar = await getArchive(engine, container, path)
    tar.destroy()
    return undefined
  } catch (error) {
    return error
  }
}

/**
 * Nothing is at the path. On the way there may be a file where a folder was meant, or a link to itself: to the engine
 * those are faults of its own (500).
 */
function isNowhere(error: unknown): boolean {
  const status = statusOf(error)
  if (status === 404 || status === 400) return true
  return status === 500 && /not a directory|too many (?:levels of symbolic )?links/i.test(messageOf(error))
}

function readStat(header: string | string[] | undefined): PathStat | undefined {
  if (typeof header !== 'string') return undefined
  const { mode, size, linkTarget }: { mode: number; size?: number; linkTarget?: string } = JSON.parse(
    Buffer.from(header, 'base64').toString(),
  )
  const has = (bits: number) => Math.floor(mode / bits) % 2 === 1
  const kind = has(goDir) ? 'folder' : has(goSymlink) ? 'link' : mode & goOther ? 'other' : 'file'
  return { kind, size, executable: (mode & 0o111) !== 0, ...(kind === 'link' && linkTarget && { leadsTo: linkTarget }) }
}

/**
 * A small regular file's bytes, read through the engine. What is not a regular file, is larger, or is not there is
 * `undefined`: the container decides what stands at a path, so nothing about it is believed.
 * @param limit bytes
 */
export async function readSmallFile(
  engine: Engine,
  container: string,
  path: string,
  limit: number,
): Promise<Buffer | undefined> {
  const tar = await archiveOf(engine, container, path, limit)
  const file = tar && firstFile(tar)
  return file && file.size <= limit && file.bytes.length === file.size ? file.bytes : undefined
}

/** The same of a file of any size: no more than its first bytes. */
export async function readHead(
  engine: Engine,
  container: string,
  path: string,
  most: number,
): Promise<Buffer | undefined> {
  const tar = await archiveOf(engine, container, path, most)
  return tar && firstFile(tar)?.bytes.subarray(0, most)
}

/** The beginning of the tar that has the path: enough for a file of `limit` bytes. */
async function archiveOf(engine: Engine, container: string, path: string, limit: number): Promise<Buffer | undefined> {
  let tar: Readable
  try {
    tar = await getArchive(engine, container, path)
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of tar) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit + 4096) break
  }
  tar.destroy()
  return Buffer.concat(chunks)
}

/** The first entry of a tar if it is a regular file, as far as it is here; extended headers before it are passed over. */
function firstFile(tar: Buffer): { size: number; bytes: Buffer } | undefined {
  for (let at = 0; at + 512 <= tar.length; ) {
    const type = String.fromCharCode(tar[at + 156] ?? 0)
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8)
    if (Number.isNaN(size)) return undefined
    const body = at + 512
    if (type === 'x' || type === 'g' || type === 'L') {
      at = body + Math.ceil(size / 512) * 512
      continue
    }
    return type === '0' || type === '\0' ? { size, bytes: tar.subarray(body, body + size) } : undefined
  }
  return undefined
}

/**
 * Has the engine unpack a tar in a folder of a container. It has to be plain: of a compressed one an engine before 29.5.1
 * runs the container's own program as root of its host (CVE-2026-41567).
 * @throws the engine's refusal: see `statusOf`
 */
export async function putTar(engine: Engine, container: string, folder: Path, tar: Readable): Promise<void> {
  await archive(engine, container, { method: 'PUT', path: folder, tar, more: '&noOverwriteDirNonDir=true' })
}

/** Of a container; bytes where it need not be UTF-8. */
export type Path = string | Buffer

interface Archive {
  readonly method: 'HEAD' | 'GET' | 'PUT'
  readonly path: Path
  readonly tar?: Readable
  /** Of the query. */
  readonly more?: string
}

/**
 * dockerode has a method for each, whose paths are texts: bytes that are no UTF-8 cannot be said with them.
 * @returns the answer itself where it is not said what came of a tar
 */
function archive(engine: Engine, container: string, { method, path, tar, more = '' }: Archive): Promise<unknown> {
  const { modem } = engine[client].docker
  const options = {
    // It takes away the last character of a query.
    path: `/containers/${container}/archive?path=${encoded(path)}${more}&`,
    method,
    isStream: tar === undefined,
    statusCodes: {
      ...{ 200: true, 400: 'client error, bad parameters', 403: 'client error, permission denied' },
      ...{ 404: 'no such container', 500: 'server error' },
    },
    ...(tar && { file: tar }),
  }
  return new Promise((settle, reject) => {
    modem.dial(options as Parameters<typeof modem.dial>[0], (error, answer) => (error ? reject(error) : settle(answer)))
  })
}

function encoded(path: Path): string {
  const escaped = (byte: string) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  return Buffer.from(path as Buffer)
    .toString('latin1')
    .replace(/[^\w.-]/g, escaped)
}

/** Where a container has file systems in memory, which the engine's archives do not see. */
export async function memoryMounts(engine: Engine, container: string): Promise<string[]> {
  const { Mounts, HostConfig } = (await findContainer(engine, container)) as {
    Mounts?: readonly { Type?: string; Destination?: string }[]
    HostConfig?: { Tmpfs?: Readonly<Record<string, string>> | null }
  }
  const mounted = (Mounts ?? []).flatMap(({ Type, Destination }) =>
    Type === 'tmpfs' && Destination ? [Destination] : [],
  )
  return [...new Set([...mounted, ...Object.keys(HostConfig?.Tmpfs ?? {}), '/dev', '/proc', '/sys'])]
}
