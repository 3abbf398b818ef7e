import type { Server } from 'node:net'
import { resolve } from 'node:path'
import { readSettings } from '../../lib/config/settings'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError, messageOf } from '../../lib/errors'
import { type AdmissionDeps, admit } from '../../lib/gateway/admission'
import type { Audit } from '../../lib/gateway/audit'
import { AuthorizedKeys } from '../../lib/gateway/authorized/file'
import { listeningKey } from '../../lib/gateway/host-key'
import { givenSockets, knownAs, listenAt, listenAtGiven, parseListen, whereOf } from '../../lib/gateway/listen-address'
import { serveAll } from '../../lib/gateway/listening'
import { parseTarget } from '../../lib/target/parse'
import { parseDuration } from '../../lib/text/duration'
import { untilSignal } from '../abort-on-signal'
import { findTarget } from '../find-target'
import { report } from '../output/errors'
import { print } from '../output/print'
import { auditToFile, auditToStderr } from './audit-file'
import { boundsBy, type LimitFlags } from './limit-flags'

export interface GatewayFlags extends EndpointChoice, LimitFlags {
  readonly listen: string
  readonly allow: readonly string[]
  readonly 'authorized-keys'?: string | undefined
  readonly idle: string
  readonly audit?: string | undefined
  readonly 'host-key': boolean
}

/** Listens until a signal ends it. @returns the exit code */
export async function gateway(flags: GatewayFlags): Promise<number> {
  const address = parseListen(flags.listen)
  const key = listeningKey()
  if (flags['host-key']) {
    await print(`${knownAs(address)} ${key.line}\n`)
    return 0
  }
  if (flags['authorized-keys'] === undefined) {
    throw new DockerBashError('gateway lets in who has a key, and no keys are named', {
      hint: 'docker-bash gateway --authorized-keys ~/.ssh/authorized_keys',
    })
  }
  for (const word of flags.allow) parseTarget(word)
  const idleMs = flags.idle === '0' ? undefined : parseDuration(flags.idle, '--idle')
  const audit = flags.audit === undefined ? auditToStderr : auditToFile(flags.audit)
  const keys = new AuthorizedKeys(resolve(flags['authorized-keys']), ({ line, why }) =>
    audit({ event: 'note', text: `${keys.path}, line ${line} lets nobody in: ${why}` }),
  )
  // What is wrong with it is better known now than at the first login.
  keys.read()
  const deps: AdmissionDeps = {
    find: (ref) => findTarget(ref, { host: flags.host, context: flags.context }),
    settings: () => readSettings(),
    allow: flags.allow,
  }
  const given = givenSockets(process.env)
  const servers = given > 0 ? await listenAtGiven(given) : [await listenAt(address)]
  surviveErrors(audit)
  await tellWhere(servers, key.fingerprint, audit)
  return untilSignal((abort) =>
    serveAll(
      servers,
      {
        ...{ hostKey: key.text, audit, ...(idleMs !== undefined && { idleMs }) },
        bounds: boundsBy(flags),
        entries: () => keys.read(),
        enter: (name, entry, client) => admit(name, entry, client, deps),
      },
      abort,
    ),
  )
}

async function tellWhere(servers: readonly Server[], fingerprint: string, audit: Audit): Promise<void> {
  const where = servers.map(whereOf)
  audit({ event: 'listening', at: where, hostKey: fingerprint, pid: process.pid })
  await print(`listening at ${where.join(', ')}, host key ${fingerprint}\n`)
}

/** A bug that one client meets is not to end the sessions of all others: it is said, in one line. */
function surviveErrors(audit: Audit): void {
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => {
    audit({ event: 'note', text: `unexpected error: ${messageOf(error)}` })
    if (process.env.DEBUG) report(error)
  })
}
