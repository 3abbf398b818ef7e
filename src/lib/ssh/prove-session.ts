import type { Client } from 'ssh2'
import { DockerBashError } from '../errors'
import { newTag } from '../inside/tag'
import type { Target } from '../model'
import { begins } from '../session/beginning'
import { quoteAll } from '../text/quote'
import { noTerminal, openWithTerminal } from './channel'
import script from './say-session.line.sh'
import { hear } from './start-word'

/**
 * A terminal, a command's output and its code, as that user: what a key is enrolled for.
 * @throws DockerBashError saying what stands in the way
 */
export async function proveSession(client: Client, { name }: Target, user: string): Promise<void> {
  const tag = newTag()
  const words = ['/bin/sh', '-c', script, tag]
  const channel = await openWithTerminal(client, `exec ${quoteAll(words)}`, name)
  const code = new Promise<number | null | undefined>((settle) => {
    channel.once('exit', settle)
    // It may have ended before anybody here could listen: one chunk can bring the session and its end. ssh2 says it again.
    channel.once('close', settle)
  })
  const { lines, stdout, stderr } = hear(channel, tag, name)
  const soon = <T>(word: Promise<T>) => begins(word, new AbortController().signal, name)
  const line = await soon(lines[0] ?? Promise.reject())
  stdout.resume()
  stderr.resume()
  const [, who = '-', terminal = ''] = line
  const fail = (what: string, hint: string) => new DockerBashError(`a login to ${name} as ${user} ${what}`, { hint })
  const restricted =
    'look for ForceCommand and Match in its sshd_config, and options in front of keys in authorized_keys'
  if (who !== '-' && who !== user) throw fail(`becomes ${who}`, restricted)
  if (!terminal.startsWith('/dev/')) throw noTerminal(name)
  // A server may say a line and never how it ended.
  if ((await soon(code)) !== 7) throw fail('does not hand on how a command ended', restricted)
}
