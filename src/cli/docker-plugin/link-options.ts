import { homedir } from 'node:os'
import { dockerConfigFolder } from '../../lib/engine/endpoint'
import { linkPath } from '../../lib/plugin/link'
import { packaged } from '../package-path'

/** The link by which Docker's client finds us, and what it has to lead to. */
export function pluginLink(): { path: string; program: string } {
  const around = { env: process.env, home: homedir(), uid: process.getuid?.() ?? -1 }
  return { path: linkPath(dockerConfigFolder(around)), program: packaged('bin/run.js') }
}
