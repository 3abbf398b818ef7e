import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { linesIn, writeLines } from '../files/lines'
import { ownFolder } from '../paths'
import { quote } from '../text/quote'
import { alias, knownHostsPath } from './host-key'
import { ownUser } from './login'

/** What `Host` matches, behind the name of a container. */
export const suffix = '.docker'

/** Where what is installed is, and the file of the user's that leads to it. */
export interface SshConfig {
  /** Ours alone. */
  readonly own: string
  /** The user's. */
  readonly main: string
  /** The line of the user's file. */
  readonly include: string
}

export function sshConfig(env: NodeJS.ProcessEnv = process.env): SshConfig {
  const home = env.HOME || homedir()
  const own = join(ownFolder('config', env, home), 'ssh_config')
  return { own, main: join(home, '.ssh', 'config'), include: `Include ${plain(own)}` }
}

/**
 * The block that leads every `ssh NAME.docker` to a proxy. Its words are plain: some clients read the file themselves,
 * and run no shell.
 * @param program the path of docker-bash @param flags of its proxy
 */
export function blockOf(program: string, flags: readonly string[]): string[] {
  const words = [program, 'proxy', ...flags].map((word) => quote(word).replaceAll('%', '%%'))
  return [
    `Host *${suffix}`,
    `  User ${ownUser}`,
    // %h is in small letters, and a container's name need not be.
    `  ProxyCommand ${words.join(' ')} %n`,
    `  HostKeyAlias ${alias}`,
    `  UserKnownHostsFile ${plain(knownHostsPath()).replaceAll('%', '%%')}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '  PreferredAuthentications none',
    '  Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com',
    // The pipe to the proxy is this machine's own; from 10.1 on OpenSSH warns of every server like ours.
    '  IgnoreUnknown WarnWeakCrypto',
    '  WarnWeakCrypto no',
    '  ServerAliveInterval 30',
  ]
}

const hint = 'docker-bash ssh-config prints the block, to be put where you like'

/** Whether the user’s file has the line. */
export function isInstalled({ main, include }: SshConfig): boolean {
  return linesIn(main, hint).includes(latin1(include))
}

/**
 * How ssh is called once it is installed. ssh finds its file by the user's line in passwd, whatever HOME is.
 * @param home that of passwd
 */
export function useOf({ main }: SshConfig, home = userInfo().homedir): string {
  const isRead = main === join(home, '.ssh', 'config')
  return isRead ? 'ssh NAME.docker' : `ssh -F ${quote(main)} NAME.docker`
}

/** Writes our file, and the one line of the user's: in front, where no `Host` is before it. */
export function install(config: SshConfig, block: readonly string[]): void {
  writeLines(config.own, [`# docker-bash ssh-config remove takes it away.`, ...block.map(latin1)], hint, ownOnly)
  const lines = linesIn(config.main, hint)
  if (!lines.includes(latin1(config.include))) {
    writeLines(config.main, [latin1(config.include), ...lines], hint, ownOnly)
  }
}

/** @returns whether there was anything of ours */
export function remove({ own, main, include }: SshConfig): boolean {
  const lines = linesIn(main, hint)
  const others = lines.filter((line) => line !== latin1(include))
  const isThere = others.length < lines.length
  if (isThere) writeLines(main, others, hint, ownOnly)
  const hasOwn = linesIn(own, hint).length > 0
  if (hasOwn) writeLines(own, [], hint)
  return isThere || hasOwn
}

const ownOnly = { file: 0o600, folder: 0o700 }

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

/** A path as ssh_config has it. */
function plain(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path
}
