import { DockerBashError, errno } from './errors'

/** What has run short on this host, and what to do about it, by errno. */
const shortages: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['no room is left on the disk', 'df -h /tmp /dev/shm /run shows what is full; TMPDIR names another folder'],
  EDQUOT: ['your quota of the disk is used up', 'quota shows it; TMPDIR names another folder'],
  EFBIG: ['a file is larger than this session may write', 'the limit: ulimit -f'],
  EROFS: ['the file system is read-only', 'mount shows it; TMPDIR names another folder'],
  EIO: ['the disk fails to read or write', 'dmesg says more'],
  EMFILE: ['too many files are open', 'a higher limit: ulimit -n 4096'],
  ENFILE: ['this host has too many files open', 'a higher limit: sysctl fs.file-max'],
  EAGAIN: [
    'no further process can be started',
    'the limits: ulimit -u, and the pids limit of this session’s control group',
  ],
  ENOMEM: ['this host has too little memory left', 'free -m shows it'],
}

/** What the connection to an engine fails in; all other calls are about this host. */
const ofConnections = new Set(['connect', 'getaddrinfo', 'shutdown', 'read', 'write'])

/** Such a failure is about this host, whatever was under way. */
export function isShortage(error: unknown): boolean {
  const { syscall } = aboutCall(error)
  const code = errno(error)
  // Of a socket it only says that it is to be tried again.
  if (code === 'EAGAIN') return /^(?:spawn|fork|clone|posix_spawn)/.test(syscall)
  return code !== undefined && code in shortages
}

/** A connection failed: refused, reset, timed out, no such host. */
export function isOfConnection(error: unknown): boolean {
  const code = errno(error)
  if (code === undefined || isShortage(error)) return false
  // Node's names for what TLS found wrong.
  if (/^(?:ERR_(?:TLS|SSL|OSSL)_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_CA$)/.test(code))
    return true
  if (code.startsWith('ERR_') || !/^E[A-Z0-9_]+$/.test(code)) return false
  const { syscall } = aboutCall(error)
  return syscall === '' || ofConnections.has(syscall)
}

/**
 * A failed system call in words: what is wrong, where, and what to do.
 * @returns undefined for whatever is not one
 */
export function explainSystem(error: unknown): DockerBashError | undefined {
  const code = errno(error)
  if (code === undefined) return undefined
  const { syscall, subject } = aboutCall(error)
  const call = syscall.includes(subject) ? syscall : `${syscall} ${subject}`
  const at = call && ` (${call})`
  const fail = (what: string, hint: string) => new DockerBashError(what, { hint, cause: error })
  const [what, hint] = shortages[code] ?? []
  if (what && hint && isShortage(error)) return fail(`${what}${at}`, hint)
  if (!syscall) return undefined
  switch (code) {
    case 'ECONNREFUSED':
      return fail(`nothing listens at ${subject || 'the address'}`, 'start what is meant, or check the address')
    case 'ECONNRESET':
    case 'EPIPE':
      return fail('the connection was closed by the other side', 'try it again')
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return fail(
        `no answer from ${subject || 'the address'}`,
        'check the address, and that a firewall lets you through',
      )
    case 'EACCES':
    case 'EPERM':
      return fail(`permission denied${at}`, 'root may, or whoever it belongs to')
    case 'ENOENT':
      return syscall.startsWith('spawn')
        ? fail(`there is no program ${syscall.slice('spawn '.length) || subject}`, 'install it, or put it in PATH')
        : fail(`there is no ${subject}`, 'make it, or name another')
    default:
      return undefined
  }
}

/** What Node says of a failed call: its name, and the path or address it was about. */
function aboutCall(error: unknown): { syscall: string; subject: string } {
  const { syscall, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const place = address === undefined ? '' : port === undefined ? address : `${address}:${port}`
  return { syscall: typeof syscall === 'string' ? syscall : '', subject: typeof path === 'string' ? path : place }
}
