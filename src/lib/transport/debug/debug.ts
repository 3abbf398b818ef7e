import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { approachTo } from '../../host/way/approach'
import { openWay } from '../../host/way/session'
import { needsShell } from '../../inside/words'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import { findBusybox } from '../../toolbox/busybox'
import type { Surroundings } from '../surroundings'
import { wayFailure } from '../way-failures'
import { toolEnv, toolWords } from './words'

/** Folders that a container has and hardly uses; engines hide the first ones behind empty folders by themselves. */
const places = [
  ...['/sys/firmware', '/proc/acpi', '/proc/scsi', '/dev/mqueue', '/mnt', '/media', '/srv', '/opt', '/home'],
  ...['/var/tmp', '/tmp', '/run'],
]

/** Tools brought along into a container that has none. */
export function debugTransport(around: Surroundings, sidecar: Transport | undefined): Transport {
  return {
    name: 'debug',
    judge: (target, request) => judge(target, request, sidecar !== undefined),
    open: (plan, abort) => {
      const { target, request } = plan
      if (request.via !== 'debug')
        around.warn(`${target.name} has no shell: tools are brought along (docker-bash debug)`)
      if (!target.onHost?.certain && sidecar) return sidecar.open(plan, abort)
      return open(around, plan)
    },
  }
}

function judge(target: Target, request: Request, hasSidecar: boolean): Verdict {
  const onHost = target.onHost?.certain === true
  const costs = onHost
    ? ['tools that are not the container’s', 'no seccomp filter', 'no exec event in the engine’s log']
    : ['tools that are not the container’s', 'a container beside it while it lasts', 'as root, with SYS_PTRACE']
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'debug', fits, because, costs })
  if (target.state !== 'running') {
    const remedy = `docker-bash debug ${target.name}`
    return { ...verdict(false, `the container is ${target.state}; a copy of it can be looked at`), remedy }
  }
  if (request.via !== 'debug' && needsShell(request) && target.shells?.length) {
    return verdict(true, 'not needed: there is a shell')
  }
  if (onHost) return verdict(true, 'tools in a private copy of its mounts, which nobody else sees')
  return verdict(hasSidecar, 'tools in a container beside it, in its namespaces')
}

/** Laid into a private copy of the target's mount namespace, over a folder that is empty there. */
async function open(around: Surroundings, { target, request }: Plan): Promise<Session> {
  const busybox = findBusybox()
  const marker = `@${randomBytes(8).toString('hex')}@`
  const words = toolWords(request, marker)
  const approach = await approachTo(target, request, around.pidNow)
  const descriptor = openSync(busybox.path, 'r')
  const { tools: own } = around
  const folders = own === undefined ? [marker] : [`${marker}/own`, marker]
  try {
    return await openWay(
      request,
      {
        ...approach,
        ...{ words, size: around.size, toolbox: { descriptor: 6, applets: busybox.applets, places, marker, own } },
        env: toolEnv(approach.env, folders, target.name),
      },
      [descriptor],
    )
  } catch (error) {
    throw wayFailure(error, target, request, words)
  } finally {
    closeSync(descriptor)
  }
}
