import type { Permits } from './permits'

/** What a client asks a session to be. */
export type Wish = { readonly kind: 'shell' | 'sftp' } | { readonly kind: 'exec'; readonly command: Buffer }

/** What it is, after what its key allows. */
export type Meant =
  | { readonly kind: 'files' }
  /** Without a command a login shell. */
  | { readonly kind: 'run'; readonly command?: Buffer; readonly env: readonly string[] }

/** A key's command runs instead of everything else, and finds in SSH_ORIGINAL_COMMAND what was asked for, as with sshd. */
export function meantBy(wish: Wish, { forced }: Permits): Meant {
  if (forced === undefined) {
    if (wish.kind === 'sftp') return { kind: 'files' }
    return { kind: 'run', env: [], ...(wish.kind === 'exec' && { command: wish.command }) }
  }
  if (typeof forced === 'object') return { kind: 'files' }
  const asked = wish.kind === 'exec' ? wish.command.toString() : wish.kind === 'sftp' ? 'internal-sftp' : undefined
  const env = asked === undefined ? [] : [`SSH_ORIGINAL_COMMAND=${asked.split('\0')[0]}`]
  return { kind: 'run', command: Buffer.from(forced), env }
}

/** For the audit: what runs, and what was asked for where that is something else. */
export function said(wish: Wish, { forced }: Permits): string {
  const asked = wish.kind === 'exec' ? wish.command.toString() : ''
  if (forced === undefined) return asked
  return `${typeof forced === 'object' ? 'internal-sftp' : forced}${asked && ` (instead of ${asked})`}`
}
