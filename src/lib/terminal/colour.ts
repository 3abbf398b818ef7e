import { isatty } from 'node:tty'
import { Chalk, type ChalkInstance } from 'chalk'

/** Colours for what is written to a descriptor: none unless it is a terminal, and none where NO_COLOR is set. */
export function coloursFor(fd: number, env: NodeJS.ProcessEnv = process.env): ChalkInstance {
  const wanted = isatty(fd) && !env.NO_COLOR && env.TERM !== 'dumb'
  return new Chalk({ level: wanted ? 1 : 0 })
}
