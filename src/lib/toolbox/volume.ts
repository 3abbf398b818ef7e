import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { putArchive } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { owned, stillContainer } from '../engine/owned-container'
import type { MountSettings } from '../engine/types'
import { DockerBashError, messageOf } from '../errors'
import { readBounded } from '../files/bounded'
import { type ToolboxImage, toolFolder } from './image'
import { type TarEntry, tar } from './tar'

/** Tools that other containers mount, read-only. */
export interface ToolVolume {
  /** For their `VolumesFrom`. */
  readonly readOnly: string
  /** To be called once they are made: from then on the volume is theirs, and goes with the last of them. */
  drop(): Promise<void>
}

/**
 * The toolbox, and a folder of the user's own, in a volume: filled by the engine out of the image, in a container that
 * is never started.
 */
export async function toolVolume(
  engine: Engine,
  image: ToolboxImage,
  name: string,
  own: string | undefined,
): Promise<ToolVolume> {
  const entries = own === undefined ? [] : ownEntries(own)
  const { id, remove } = await stillContainer(engine, `${name}-toolbox-${randomBytes(3).toString('hex')}`, {
    Image: image.tag,
    HostConfig: { NetworkMode: 'none', Mounts: [unnamedVolume()] },
  })
  try {
    if (entries.length > 0) await putArchive(engine, id, Readable.from([await tar(entries)]), toolFolder)
    return { readOnly: `${id}:ro`, drop: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** In bytes, of one tool: what is larger is not a program, and would be held in memory. */
const largest = { most: 512 * 1024 * 1024, noLink: true }

/** Without a name it goes with the last container that has it; by its label it is found should that fail. */
function unnamedVolume(): MountSettings {
  const options = { NoCopy: false, Labels: owned(), DriverConfig: { Name: 'local', Options: {} } }
  return { Type: 'volume', Target: toolFolder, VolumeOptions: options } as MountSettings
}

/** The folder as `own`: files, links and folders in it. */
function ownEntries(folder: string): TarEntry[] {
  const below = (path: string, name: string): TarEntry[] => {
    const stat = lstatSync(path)
    const mode = stat.mode & 0o777
    if (stat.isDirectory()) {
      const inner = readdirSync(path).flatMap((one) => below(join(path, one), `${name}/${one}`))
      return [{ path: `${name}/`, mode: mode | 0o555 }, ...inner]
    }
    if (stat.isSymbolicLink()) return [{ path: name, mode: 0o777, leadsTo: readlinkSync(path) }]
    return stat.isFile() ? [{ path: name, mode: mode | 0o444, bytes: readBounded(path, largest) }] : []
  }
  try {
    return below(folder, 'own')
  } catch (cause) {
    if (cause instanceof DockerBashError) throw cause
    throw new DockerBashError(`cannot read the folder of tools: ${messageOf(cause)}`, {
      hint: 'every file in it has to be readable by you',
      cause,
    })
  }
}
