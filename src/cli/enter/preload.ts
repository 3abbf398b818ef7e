import { spawn } from 'node:child_process'
import { settle } from '../../lib/config/resolve-settings'
import { createExec } from '../../lib/engine/exec'
import { frames } from '../../lib/engine/frames'
import { namelessFile } from '../../lib/host/anonymous-file'
import { barrierAt } from '../../lib/host/barrier-process'
import { ChildWithWatchdog } from '../../lib/host/child-with-watchdog'
import { ContainerRoot } from '../../lib/host/container-rootfs'
import { environmentOf } from '../../lib/host/environment'
import { mayInheritStdin } from '../../lib/host/inheritable-stdio'
import { findRuntime } from '../../lib/host/runtime'
import { readUser } from '../../lib/host/users'
import { ownAttributes } from '../../lib/host/usual-attributes'
import { wordsOf } from '../../lib/inside/argv'
import { barrierFor } from '../../lib/inside/barrier'
import type { TransportName } from '../../lib/model'
import { hasSeccomp } from '../../lib/namespaces/confinement'
import { wayScript } from '../../lib/namespaces/enter'
import { approachTo } from '../../lib/namespaces/entry-plan'
import { writeOrder } from '../../lib/namespaces/request'
import { openWay } from '../../lib/namespaces/session'
import { plan } from '../../lib/plan'
import { enrolment } from '../../lib/ssh/enrolment'
import { withRuntime } from '../../lib/target/runtime'
import { requireRunning } from '../../lib/target/state'
import { targetOf } from '../../lib/target/target'
import { execTransport } from '../../lib/transport/exec/exec'
import { nsenterTransport } from '../../lib/transport/nsenter/nsenter'
import { transports } from '../../lib/transport/order'
import { runtimeWords } from '../../lib/transport/runc/argv'
import { RuntimeLog } from '../../lib/transport/runc/log'
import { runcTransport } from '../../lib/transport/runc/runc'
import { processSpec } from '../../lib/transport/runc/spec'
import { Output } from '../../lib/transport/shared/output'
import { preconditions } from '../../lib/transport/shared/preconditions'

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
    void [transports, runcTransport, execTransport, nsenterTransport, wordsOf, preconditions, plan]
    if (via !== 'exec' && via !== 'ssh') ownAttributes()
    if (via === 'auto' || via === 'runc') {
      void [RuntimeLog, namelessFile, processSpec, environmentOf, mayInheritStdin, ChildWithWatchdog, runtimeWords]
    }
    if (via === 'nsenter') void [wayScript, approachTo, environmentOf, readUser, openWay, writeOrder]
    if (via === 'exec') void [createExec, barrierFor, barrierAt, frames, Output]
  })
}
