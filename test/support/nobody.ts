/** Somebody who is not root on this host, and may use the engine's socket. */
import { statSync } from 'node:fs'
import { docker } from './docker-api'

/**
 * The words that start a program as nobody, who has no home.
 * @param host of the engine; default: the shared one
 */
export function asNobody(host = docker().host): string[] {
  const { gid } = statSync(host.slice('unix://'.length))
  return ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups', 'env', 'HOME=/nonexistent']
}
