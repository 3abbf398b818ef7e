import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { type Engine, statusOf } from '../engine/engine'
import { DockerBashError } from '../errors'
import { type Busybox, findBusybox } from './busybox'
import { type TarEntry, tar } from './tar'

/** The busybox and its applets as links, all in one folder of an archive. */
export function busyboxEntries({ path, applets }: Busybox, folder: string): TarEntry[] {
  const folders = folder.split('/').map((_, index, parts) => `${parts.slice(0, index + 1).join('/')}/`)
  return [
    ...folders.map((path) => ({ path, mode: 0o755 })),
    { path: `${folder}/busybox`, mode: 0o755, bytes: readFileSync(path) },
    ...applets.map((name) => ({ path: `${folder}/${name}`, mode: 0o777, leadsTo: 'busybox' })),
  ]
}

/**
 * The built-in toolbox as an image of the engine's, made on the spot from this host's static busybox when it is not
 * there yet; no registry is asked.
 * @returns its tag
 */
export async function toolboxImage(engine: Engine): Promise<string> {
  const busybox = findBusybox()
  await requireSameArchitecture(engine)
  const archive = tar([
    ...busyboxEntries(busybox, 'bin'),
    ...['dev', 'etc', 'proc', 'sys', 'tmp'].map((name) => ({ path: `${name}/`, mode: 0o755 })),
  ])
  const tag = `docker-bash-toolbox:${createHash('sha256').update(archive).digest('hex').slice(0, 12)}`
  try {
    await engine.docker.getImage(tag).inspect()
    return tag
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
  const [repo, version] = tag.split(':')
  const changes = ['ENV PATH=/bin', 'LABEL docker-bash.toolbox=1']
  const answer = await engine.docker.importImage(Readable.from([archive]), { repo, tag: version, changes })
  await new Promise<void>((resolve, reject) => {
    engine.docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()))
  })
  return tag
}

/** @throws DockerBashError when this host's programs do not run on the engine's */
export async function requireSameArchitecture(engine: Engine): Promise<void> {
  const { Arch, Os } = await engine.docker.version()
  const ours = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch
  if (Os === 'linux' && Arch === ours) return
  throw new DockerBashError(`the engine runs ${Os}/${Arch}, this host's busybox is linux/${ours}`, {
    hint: 'name an image with a static busybox that its engine has: docker-bash debug --toolbox IMAGE …',
  })
}
