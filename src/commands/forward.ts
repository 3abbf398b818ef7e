import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { engineFlags } from '../cli/flags'
import { forward } from '../cli/forward/forward'
import { unseal } from '../lib/argv'

export default class Forward extends Command {
  static override summary = 'ports and sockets of a container here, or ours in it'
  static override usage = ['forward [FLAGS] TARGET [udp:][[BIND:]PORT:][HOST:]PORT… [-- COMMAND [ARG…]]']
  static override examples = [
    'docker-bash forward web 8080:80             127.0.0.1:8080 here is port 80 in it, until ctrl-c',
    'docker-bash forward web 5432 0:6379         the same port; any that is free, which is printed',
    'docker-bash forward web /tmp/a.sock:/run/app.sock',
    'docker-bash forward web udp:5353:53         datagrams',
    'docker-bash forward -R web 9000             port 9000 in it is the one here',
    'docker-bash forward -D 1080 web             a SOCKS proxy out of its network',
    'docker-bash forward --wait web 8080:80 -- curl localhost:8080',
    'docker-bash forward -f --reconnect web 8080:80',
  ]
  static override description =
    'Its own network is meant: what listens on its loopback only, or has no network at all, is reached as well, and\n' +
    'nothing in it is needed or used. HOST is looked up as it does. Listens on 127.0.0.1 unless BIND says\n' +
    'otherwise. What is refused inside is refused or reset here, and said; the forward goes on. With COMMAND it lasts\n' +
    'as long as that, and ends with its code. Without root on the engine’s host it goes by a container beside, slower.'
  static override takesMany = true
  static override words = 'ports' as const
  static override args = {
    words: Args.string({ hidden: true, required: true, ignoreStdin: true }),
    selectors: Args.string({ hidden: true, required: true, ignoreStdin: true }),
  }
  static override flags = {
    reverse: Flags.boolean({ char: 'R', description: 'listen in the container; the other end is here' }),
    dynamic: Flags.string({
      char: 'D',
      helpValue: '[BIND:]PORT',
      description: 'a SOCKS proxy (4, 4a, 5) here, out of its network',
      multiple: true,
      multipleNonGreedy: true,
    }),
    udp: Flags.boolean({ description: 'datagrams, as udp: in front of each does' }),
    idle: Flags.string({ helpValue: '60s', description: 'after this time of silence a UDP client is forgotten' }),
    wait: Flags.boolean({ description: 'go on only when the other end accepts' }),
    timeout: Flags.string({ helpValue: '30s', description: 'with --wait: no longer than this', dependsOn: ['wait'] }),
    reconnect: Flags.boolean({ description: 'when the container ends: wait until it runs again, and go on' }),
    background: Flags.boolean({ char: 'f', description: 'go to the background once all of it listens' }),
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken, why, and what it costs' }),
    json: Flags.boolean({ description: 'what happens, as lines of JSON' }),
    ...engineFlags,
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Forward)
    return forward(unseal(args.selectors), unseal(args.words), flags)
  }
}
