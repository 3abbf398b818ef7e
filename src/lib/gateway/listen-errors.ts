import { DockerBashError, errno, messageOf } from '../errors'

/** Why an address cannot be listened at, in words for it. */
export function explainListen(error: unknown, where: string): DockerBashError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something else listens there: ss -ltnp shows what; or name another port',
    EADDRNOTAVAIL: 'this machine has no such address: ip address shows those that it has',
    EACCES: 'a port below 1024 is for root: name another one, or have systemd listen',
  }
  const hint = hints[errno(error) ?? ''] ?? 'name another address: --listen 127.0.0.1:2222'
  return new DockerBashError(`cannot listen at ${where}: ${messageOf(error)}`, { hint, cause: error })
}
