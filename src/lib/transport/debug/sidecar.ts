import { randomBytes } from 'node:crypto'
import type { Engine } from '../../engine/engine'
import { holdContainer } from '../../engine/held'
import { DockerBashError } from '../../errors'
import type { Plan, Request, Session, Target, Transport } from '../../model'
import { toolboxImage } from '../../toolbox/image'
import type { Surroundings } from '../surroundings'

/**
 * The tools in a container beside the target, in its namespaces, for those who are not root on the engine's host. Its
 * root is the toolbox; what is run changes over to the target's root, where a shell that stays behind keeps the way
 * back to the tools open (`/proc/PID/root`). Nothing is written into the target.
 */
export function sidecarTransport(engine: Engine, around: Surroundings, exec: Transport): Transport {
  return {
    ...exec,
    open: async (plan, abort) => {
      const { target, request } = plan
      requireSuitable(target, request)
      const sidecar = await holdContainer(engine, `${target.name}-tools-${randomBytes(3).toString('hex')}`, {
        Image: around.toolbox ?? (await toolboxImage(engine)),
        Entrypoint: ['/bin/busybox', 'sh', '-c', 'read -r line'],
        Labels: { 'docker-bash.debug': target.id },
        HostConfig: {
          ...{ AutoRemove: true, ReadonlyRootfs: true, CapAdd: ['SYS_PTRACE'] },
          ...{ PidMode: `container:${target.id}`, NetworkMode: `container:${target.id}` },
          ...(target.sharesIpc && { IpcMode: `container:${target.id}` }),
        },
      })
      try {
        return withRelease(await exec.open(besides(plan, sidecar.id), abort), sidecar.release)
      } catch (error) {
        await sidecar.release()
        throw error
      }
    },
  }
}

function requireSuitable(target: Target, request: Request): void {
  const fail = (what: string, hint: string) => new DockerBashError(`${target.name} ${what}`, { hint })
  // Its first process would be the host's, and so would its root.
  if (target.sharesPids) {
    throw fail(
      'has no processes of its own to be told from others',
      `as root on its host: docker-bash debug ${target.name}`,
    )
  }
  if (request.user) {
    throw fail(
      'can be looked at by a container beside it as root only',
      `leave -u ${request.user} out, or be root on its host`,
    )
  }
}

// $$ stays behind, outside of the target's root. What it catches is the command's; what is caught is not inherited.
const script = `
trap : HUP INT TERM QUIT USR1 USR2
cwd=$1 path=$2; shift 2
tools=/proc/$$/root/bin
enter='cd "$1" || exit 125; shift; exec "$@"'
chroot /proc/1/root $tools/sh -c "$enter" sh "$cwd" $tools/env -i "PATH=$tools:$path" "$@"
exit $?
`

/** The plan for the container beside: the same request, by way of the script. */
function besides(plan: Plan, sidecar: string): Plan {
  const { target, request } = plan
  const command =
    request.script !== undefined
      ? ['sh', '-c', request.script, 'sh', ...request.command]
      : request.command.length > 0
        ? request.command
        : ['sh']
  const env = [...target.env, ...(request.tty ? ['TERM=xterm'] : []), ...request.env, `PS1=${target.name} \\w \\$ `]
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length)
  const rest = env.filter((entry) => !/^(PATH|LD_PRELOAD|LD_LIBRARY_PATH|ENV)=/.test(entry))
  const words = [request.workdir || target.workdir || '/', path || '/usr/bin:/bin', ...rest, ...command]
  return {
    ...plan,
    target: { ...target, id: sidecar, user: '', env: ['PATH=/bin'], shells: ['/bin/sh'], workdir: '/' },
    request: { command: ['/bin/sh', '-c', script, 'sh', ...words], env: [], tty: request.tty, stdin: request.stdin },
  }
}

function withRelease(session: Session, release: () => Promise<void>): Session {
  return {
    ...session,
    ended: session.ended.finally(release),
    close: async () => {
      await session.close()
      await release()
    },
  }
}
