import { setTimeout as later } from 'node:timers/promises'
import { holdBeside, sharedProcesses } from '../engine/beside'
import { inspectContainer } from '../engine/containers'
import { type Engine, refusalOf, statusOf } from '../engine/engine'
import { FramedOutput } from '../engine/framed-output'
import type { HeldContainer } from '../engine/owned-container'
import { removeContainer } from '../engine/remove'
import { DockerBashError, NotBegun, OfEngine } from '../errors'
import type { HostUser } from '../host/users'
import type { Target } from '../model'
import { firstLine } from '../sftp/first-line'
import { forFiles, maskOf, type SftpStreams } from '../sftp/server'
import { besideServerScript } from '../sftp/server-script'
import { systemError } from '../sockets/system-error'
import { perlImage } from '../toolbox/perl'

type Named = Pick<Target, 'id' | 'name'>

/** In milliseconds: a server whose client is gone ends at once, but for one that somebody inside has stopped. */
const patience = 3000

/** To get there and become the user; and of root's those that `forFiles` numbers. */
const toEnter = ['SYS_PTRACE', 'SYS_CHROOT', 'SETUID', 'SETGID']
const ofRoot = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID']

/**
 * A server of a container's files, as a user of it, for who cannot enter its mounts: by this host's perl, in a container
 * beside that goes with the client.
 * @throws NotBegun when there can be none
 */
export async function filesBeside(engine: Engine, target: Named, who: HostUser): Promise<SftpStreams> {
  try {
    return await begun(engine, target, who)
  } catch (error) {
    // An engine that does not answer has no other way either.
    if (error instanceof OfEngine || (!(error instanceof DockerBashError) && statusOf(error) === undefined)) throw error
    throw new NotBegun(statusOf(error) === undefined ? (error as Error).message : refusalOf(error), { cause: error })
  }
}

async function begun(engine: Engine, { id, name }: Named, who: HostUser): Promise<SftpStreams> {
  const [info, image] = await Promise.all([inspectContainer(engine, id), perlImage(engine)])
  const whose = sharedProcesses(info.HostConfig)
  if (whose) throw new NotBegun(`its PID namespace is that of ${whose}`)
  if (!image) throw new NotBegun('there is no perl on this host that its engine can run')
  const { uid, gid, groups, home } = who
  const words = [uid, gid, [...new Set([gid, ...groups])].join(','), maskOf(forFiles), home]
  const held = await holdBeside(engine, name, info, {
    use: 'files',
    image: image.tag,
    entrypoint: [...image.argv, '-e', besideServerScript, process.arch, ...words.map(String)],
    processes: true,
    capabilities: [...toEnter, ...(uid === 0 ? ofRoot : [])],
  })
  const output = new FramedOutput(held.stream)
  const ended = new Promise<void>((settle) => held.stream.once('end', settle).once('close', settle))
  const close = () => closed(engine, held, ended)
  const line = await firstLine(output)
  if (line === 'ready') return { input: held.stream, output, ended, close }
  void close()
  throw new NotBegun(`it cannot be entered from beside: ${why(line)}`)
}

async function closed(engine: Engine, held: HeldContainer, ended: Promise<void>): Promise<void> {
  held.stream.end()
  const isLate = await Promise.race([ended, later(patience, true, { ref: false })])
  if (isLate) await removeContainer(engine, held.id).catch(() => undefined)
}

function why(line: string | undefined): string {
  const [, what = '', number = ''] = line?.split(' ') ?? []
  return line ? `${what}, ${systemError('enter', Number(number)).message}` : 'the server of its files did not start'
}
