/** Somebody who is not root on this host, and may use the engine's socket. */
import { statSync } from 'node:fs'
import { docker } from './docker-api'

/** The words that start a program as nobody, who has no home. */
export function asNobody(): string[] {
  const { gid } = statSync(docker().host.slice('unix://'.length))
  return ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups', 'env', 'HOME=/nonexistent']
}
