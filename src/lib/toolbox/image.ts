import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { alone } from '../engine/alone'
import { getArchive } from '../engine/archive'
import { type Engine, statusOf } from '../engine/engine'
import { importEnd, importImage, inspectImage } from '../engine/images'
import { stillContainer } from '../engine/owned-container'
import { toolboxLabel } from '../engine/sweep'
import { engineVersion } from '../engine/system'
import type { ImageInspectInfo } from '../engine/types'
import { DockerBashError } from '../errors'
import { findBusybox, ownArchitecture, requireBusybox } from './busybox'
import { collect } from './collect'
import { type TarEntry, tar } from './tar'
import { type Toolbox, withShell } from './toolbox'

/** Where the tools lie in every container of ours: the toolbox's own image, and copies. */
export const toolFolder = '/.docker-bash'
/** What a container beside a target does its own work with: ours, whatever the toolbox is. */
export const ownBusybox = '/bin/busybox'
/** Folders that an engine mounts in. */
export const mountPoints = ['dev', 'etc', 'proc', 'sys', 'tmp'] as const
/** Changes with what the images below hold. */
const layout = 2

/** A toolbox as an image of the engine's, with its tools in `toolFolder`. */
export interface ToolboxImage {
  readonly tag: string
  readonly shell: string
}

/**
 * The toolbox: that of an image of the engine's, or the built-in one of this host.
 * @throws DockerBashError when the image is not there, is for another platform, or has no shell to bring along
 */
export async function openToolbox(engine: Engine, image: string | undefined): Promise<Toolbox> {
  return image === undefined ? requireBusybox() : readToolbox(engine, image, await sourceImage(engine, image))
}

/**
 * The toolbox as an image of the engine's, made on the spot when it is not there yet; no registry is asked.
 * @throws DockerBashError as `openToolbox`; and when the built-in one does not run on the engine's machine
 */
export async function toolboxImage(engine: Engine, image?: string): Promise<ToolboxImage> {
  const architecture = await architectureOf(engine)
  const base = architecture === ownArchitecture ? findBusybox() : undefined
  if (image === undefined) {
    if (architecture !== ownArchitecture) throw otherMachine(architecture)
    return importToolbox(engine, base ?? requireBusybox(), base)
  }
  const source = await sourceImage(engine, image)
  // Made of an image that the engine has, it is known by that image: its programs need not be read to find it again.
  const tag = tagOf([layout, source.Id, ...(base?.files.map(({ bytes }) => digestOf(bytes)) ?? [])].join(' '))
  const there = await existing(engine, tag)
  if (there) return there
  return importToolbox(engine, await readToolbox(engine, image, source), base, tag)
}

/** The files and links of a toolbox, for an archive. */
export function toolEntries({ files, links }: Toolbox, folder = toolFolder.slice(1)): TarEntry[] {
  return [
    { path: `${folder}/`, mode: 0o755 },
    ...files.map(({ name, bytes }) => ({ path: `${folder}/${name}`, mode: 0o755, bytes })),
    ...links.map(([name, leadsTo]) => ({ path: `${folder}/${name}`, mode: 0o777, leadsTo })),
  ]
}

async function importToolbox(engine: Engine, toolbox: Toolbox, base: Toolbox | undefined, known?: string) {
  const busybox = base ?? toolbox
  const file = busybox.links.find(([name]) => name === 'busybox')?.[1] ?? 'busybox'
  const program = busybox.files.find(({ name }) => name === file)
  if (!program) {
    throw new DockerBashError('there is no busybox for the container that is to carry the tools', {
      hint: 'on this host: sudo apt-get install busybox-static; or name a toolbox that has one',
    })
  }
  const applets = new Set(['sh', ...busybox.links.flatMap(([name, leadsTo]) => (leadsTo === file ? [name] : []))])
  applets.delete('busybox')
  const archive = await tar([
    ...['bin', ...mountPoints].map((name) => ({ path: `${name}/`, mode: 0o755 })),
    { path: ownBusybox.slice(1), mode: 0o755, bytes: program.bytes },
    ...[...applets].map((name) => ({ path: `bin/${name}`, mode: 0o777, leadsTo: 'busybox' })),
    ...toolEntries(
      hasBusybox(toolbox) ? toolbox : { ...toolbox, files: [...toolbox.files, { ...program, name: 'busybox' }] },
    ),
  ])
  return imageOf(engine, archive, toolbox.shell, known)
}

/** An archive as an image of the engine's, which is known by what is in it. @param shell for its label */
export function imageOf(engine: Engine, archive: Buffer, shell: string, known?: string): Promise<ToolboxImage> {
  const tag = known ?? tagOf(`${layout} ${digestOf(archive)}`)
  // Of two that are made at once the first would lose its name.
  return alone(tag, async () => (await existing(engine, tag)) ?? importArchive(engine, archive, tag, shell))
}

async function importArchive(engine: Engine, archive: Buffer, tag: string, shell: string): Promise<ToolboxImage> {
  const [repo = '', version = ''] = tag.split(':')
  const changes = [`LABEL ${toolboxLabel}=${shell}`]
  await importEnd(engine, await importImage(engine, Readable.from([archive]), { repo, tag: version, changes }))
  return { tag, shell }
}

function hasBusybox({ files, links }: Toolbox): boolean {
  return [...files.map(({ name }) => name), ...links.map(([name]) => name)].includes('busybox')
}

async function existing(engine: Engine, tag: string): Promise<ToolboxImage | undefined> {
  try {
    const { Config } = await inspectImage(engine, tag)
    const shell = Config.Labels?.[toolboxLabel]
    return shell ? { tag, shell } : undefined
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

async function sourceImage(engine: Engine, image: string): Promise<ImageInspectInfo> {
  const source = await inspectImage(engine, image).catch((error: unknown) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 400) throw error
    throw new DockerBashError(`the engine has no image ${image} to take tools from`, {
      hint: `docker pull ${image}; without --toolbox the built-in one serves`,
    })
  })
  const architecture = await architectureOf(engine)
  if (source.Os === 'linux' && source.Architecture === architecture) return source
  throw new DockerBashError(
    `the toolbox ${image} is for ${source.Os}/${source.Architecture}, the engine runs linux/${architecture}`,
    { hint: `docker pull --platform linux/${architecture} ${image}; without --toolbox the built-in one serves` },
  )
}

/** Reads the programs out of a container that is never started. */
async function readToolbox(engine: Engine, image: string, source: ImageInspectInfo): Promise<Toolbox> {
  const path = source.Config.Env?.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length)
  const folders = (path || '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
    .split(':')
    .filter((folder) => folder.startsWith('/') && folder !== '/')
    .map((folder) => folder.replace(/(?<!\/)\/+$/, ''))
  const { id, remove } = await stillContainer(engine, `docker-bash-toolbox-${randomBytes(6).toString('hex')}`, {
    ...{ Image: source.Id, HostConfig: { NetworkMode: 'none' } },
  })
  try {
    const read = async (folder: string) => {
      try {
        return await getArchive(engine, id, folder)
      } catch (error) {
        if (statusOf(error) === 404 || statusOf(error) === 400) return undefined
        throw error
      }
    }
    return withShell(image, await collect(folders, source.Architecture, read))
  } finally {
    await remove()
  }
}

/** @throws DockerBashError when the engine runs no Linux */
export async function architectureOf(engine: Engine): Promise<string> {
  const { Arch, Os } = await engineVersion(engine)
  if (Os === 'linux') return Arch
  throw new DockerBashError(`the engine runs ${Os}: there are no tools for it`, {
    hint: 'docker-bash ls shows what runs',
  })
}

function otherMachine(architecture: string): DockerBashError {
  return new DockerBashError(`the engine runs linux/${architecture}, this host's busybox is linux/${ownArchitecture}`, {
    hint: 'name an image of the engine’s with static programs: --toolbox busybox:musl',
  })
}

const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const tagOf = (text: string) => `docker-bash-toolbox:${digestOf(Buffer.from(text)).slice(0, 12)}`
