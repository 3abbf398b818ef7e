import { type DockerBashError, errno, messageOf, OfEngine } from '../errors'
import { isOfConnection } from '../system-errors'
import type { Endpoint } from './endpoint'
import { NoAnswer } from './http1'

/**
 * Why the engine could not be reached, in the user's terms. What is not about the connection to it (a fault of ours, a
 * full disk here) comes back as it is.
 */
export function unreachable<E>(error: E, endpoint: Endpoint, uid: number): E | DockerBashError {
  if (!(error instanceof NoAnswer) && !isOfConnection(error)) return error
  const where = `no engine at ${endpoint.host}`
  const named = endpoint.from === 'the default socket' ? '' : ` (from ${endpoint.from})`
  const fail = (why: string, hint: string) => new OfEngine(`${where}${named}: ${why}`, { hint, cause: error })
  switch (errno(error)) {
    case 'EACCES':
    case 'EPERM':
      return fail(
        'permission denied',
        uid === 0
          ? 'something confines this shell (AppArmor, SELinux, a container): docker-bash must run where the socket is allowed'
          : 'you are not in the docker group: sudo usermod -aG docker $USER, then log in again; or use sudo',
      )
    case 'ENOENT':
      return fail(
        'there is no such socket',
        'start it: sudo systemctl start docker; or name another with -H or --context',
      )
    case 'ECONNREFUSED':
      return fail(
        'nothing listens there',
        'start it: sudo systemctl start docker; or name another with -H or --context',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('no such host', 'check the name in the address')
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return fail('no answer', 'check the address, and that a firewall lets you through')
    default:
      return fail(messageOf(error).trim(), 'check the address and its TLS files: docker -H … version')
  }
}
