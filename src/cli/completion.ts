import { homedir } from 'node:os'
import * as Args from '@oclif/core/args'
import { type Setup, type Shell, setupOf, shellOf, shells } from '../lib/complete/shells'
import { DockerBashError } from '../lib/errors'
import { packaged } from './package-path'

/** SHELL, of `completion install` and `remove`. */
export const shellArg = {
  shell: Args.string({ ignoreStdin: true, options: [...shells], description: 'bash, zsh or fish; default: yours' }),
}

/** The completion's script in our package. */
export function scriptOf(shell: Shell): string {
  return packaged(`completion/docker-bash.${shell}`)
}

/** What sets up the named shell, or the user's own. @throws DockerBashError when that is none that we know */
export function setupFor(name: string | undefined): Setup {
  const shell = shells.find((one) => one === name) ?? shellOf(process.env)
  if (!shell) {
    throw new DockerBashError(`SHELL is ${process.env.SHELL ?? 'not set'}: which shell is it for?`, {
      hint: 'name it: docker-bash completion install bash (or zsh, fish)',
    })
  }
  return setupOf(shell, scriptOf(shell), process.env, process.env.HOME || homedir())
}
