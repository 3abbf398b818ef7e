/** The root filesystem the image is built on here: Debian as its slim image is, with the image's packages in it. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ensurePackages } from '../../../scripts/packages.mjs'
import { root } from '../../support/engine'

// The packages are here because the test engine has no network; image/build/packages installs only what is missing.
// What debian:bookworm-slim leaves out is left out, and the host keys that openssh-server makes when it is installed.
const recipe = [
  '--variant=minbase',
  '--include=tini,runit,openssh-server,cron,logrotate,syslog-ng-core,usr-is-merged',
  // Without it bookworm takes usrmerge, which brings a whole Perl along.
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
  ...['doc', 'man', 'locale', 'info', 'groff', 'lintian'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*',
  'bookworm',
]

/** Its archive in `.cache`, made in about a minute if it is not there, and anew each month for security updates. */
export async function rootfs(): Promise<string> {
  const month = new Date().toISOString().slice(0, 7)
  const hash = createHash('sha256')
    .update(JSON.stringify([recipe, month]))
    .digest('hex')
    .slice(0, 12)
  const tar = join(root, '.cache', `image-${hash}.tar`)
  if (existsSync(tar)) return tar
  ensurePackages({ mmdebstrap: 'mmdebstrap' })
  mkdirSync(join(root, '.cache'), { recursive: true })
  const partial = join(root, '.cache', `image-${hash}.${process.pid}.tar`)
  const child = spawn('mmdebstrap', ['--quiet', ...recipe, partial], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  const words = await text(child.stderr)
  const [code] = await ended
  if (code !== 0)
    throw new Error(`mmdebstrap ended with code ${code}; it needs a Debian mirror within reach\n${words.slice(-3000)}`)
  renameSync(partial, tar)
  return tar
}
