import * as Flags from '@oclif/core/flags'
import { transportNames } from '../lib/model'

/** Which engine; every command has these. */
export const engineFlags = {
  host: Flags.string({ char: 'H', helpValue: 'URL', description: 'the engine, as in docker -H' }),
  context: Flags.string({ helpValue: 'NAME', description: "the engine of one of Docker's contexts" }),
}

/** What to do inside, as in docker exec. */
export const requestFlags = {
  user: Flags.string({ char: 'u', helpValue: 'NAME|UID[:GROUP]', description: 'as this user' }),
  workdir: Flags.string({ char: 'w', helpValue: 'DIR', description: 'in this folder of the container' }),
  env: Flags.string({
    char: 'e',
    helpValue: 'K[=V]',
    description: 'a variable for the command; K alone takes its value from here',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'env-file': Flags.string({
    helpValue: 'FILE',
    description: 'variables from a file, a line each',
    multiple: true,
    multipleNonGreedy: true,
  }),
  script: Flags.string({ char: 'c', helpValue: 'TEXT', description: "run TEXT with the container's shell" }),
  via: Flags.option({ options: ['auto', ...transportNames] as const, default: 'auto' as const })({
    description: 'the way in',
  }),
}

/** Without either: a terminal when both stdin and stdout are one. */
export const ttyFlags = {
  tty: Flags.boolean({ char: 't', description: 'insist on a terminal', exclusive: ['no-tty'] }),
  'no-tty': Flags.boolean({ char: 'T', description: 'refuse a terminal' }),
}

/** Only ever by the user's own word: a container that is as good as root on the engine's host. */
export const helperFlags = {
  helper: Flags.boolean({ description: 'with --via nsenter: from a privileged container on the engine’s host' }),
}

export const jsonFlag = { json: Flags.boolean({ description: 'as JSON' }) }
