/** Somebody who is not root on this host, and may use the engine's socket. */
import { chownSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoteAll } from '../../src/lib/text/quote'
import { docker } from './docker-api'
import { scratch } from './engine'

/**
 * The words that start a program as nobody, who has no home.
 * @param host of the engine; default: the shared one
 */
export function asNobody(host = docker().host): string[] {
  const { gid } = statSync(host.slice('unix://'.length))
  return ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups', 'env', 'HOME=/nonexistent']
}

/** Words in front of a program that finds no perl on this host: it is not a program any more. */
export const withoutPerl = [
  ...['unshare', '--mount', 'sh', '-c', 'mount --bind /etc/hostname /usr/bin/perl && exec "$@"', 'sh'],
]

/**
 * @param before words in front of the proxy's
 * @returns an ssh_config whose proxy is nobody's
 */
export function configOfNobody(before: readonly string[] = []): string {
  const home = scratch('nobody')
  chownSync(home, 65534, 65534)
  const config = join(home, 'config')
  const words = quoteAll([...before, ...asNobody(), `HOME=${home}`, 'docker-bash', 'proxy'])
  const block = ['User docker-bash', 'StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null', 'LogLevel INFO']
  writeFileSync(config, [`ProxyCommand ${words} %n`, ...block, ''].join('\n'))
  return config
}
