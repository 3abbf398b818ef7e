import { spawn } from 'node:child_process'
import { settle } from './lib/config/settle'
import { createExec } from './lib/engine/exec'
import { frames } from './lib/engine/frames'
import { environmentOf } from './lib/host/environment'
import { gateAt } from './lib/host/gate-process'
import { Guarded } from './lib/host/guarded'
import { mayInheritStdin } from './lib/host/ours'
import { ContainerRoot } from './lib/host/root'
import { findRuntime } from './lib/host/runtime'
import { namelessFile } from './lib/host/scratch'
import { readUser } from './lib/host/users'
import { approachTo } from './lib/host/way/approach'
import { hasSeccomp } from './lib/host/way/confinement'
import { writeOrder } from './lib/host/way/order'
import { wayScript } from './lib/host/way/script'
import { openWay } from './lib/host/way/session'
import { gate } from './lib/inside/gate'
import { wordsOf } from './lib/inside/words'
import { enrolment } from './lib/keys/enrolled'
import type { TransportName } from './lib/model'
import { plan } from './lib/plan'
import { withRuntime } from './lib/target/runtime'
import { requireRunning } from './lib/target/state'
import { targetOf } from './lib/target/target'
import { execTransport } from './lib/transport/exec/exec'
import { nsenterTransport } from './lib/transport/nsenter/nsenter'
import { transports } from './lib/transport/order'
import { Output } from './lib/transport/output'
import { RuntimeLog } from './lib/transport/runc/log'
import { runcTransport } from './lib/transport/runc/runc'
import { processSpec } from './lib/transport/runc/spec'
import { runtimeWords } from './lib/transport/runc/words'
import { isTight } from './lib/transport/tight'

/**
 * Loads what a session takes while the engine is asked about its target: half of a start is loading, and there is a
 * second processor. In the bundle a module is loaded at the first use of a name of it (scripts/late.mjs), so that they
 * are named is enough.
 * @param via the way in that was asked for
 */
export function loadAhead(via: TransportName | 'auto'): void {
  // Behind the question, which goes out as soon as the connection stands.
  setImmediate(() => {
    void [spawn, targetOf, settle, requireRunning, withRuntime, findRuntime, hasSeccomp, ContainerRoot, enrolment]
    void [transports, runcTransport, execTransport, nsenterTransport, wordsOf, isTight, plan]
    if (via === 'auto' || via === 'runc') {
      void [RuntimeLog, namelessFile, processSpec, environmentOf, mayInheritStdin, Guarded, runtimeWords]
    }
    if (via === 'nsenter') void [wayScript, approachTo, environmentOf, readUser, openWay, writeOrder]
    if (via === 'exec') void [createExec, gate, gateAt, frames, Output]
  })
}
