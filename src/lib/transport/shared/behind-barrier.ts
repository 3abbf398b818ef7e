import { type Blocked, readBlocked } from '../../inside/barrier'
import { withoutEcho } from '../../inside/echo'

/** A stream whose bytes go through a function, until it is given none any more. */
interface Filtered {
  through(see: ((bytes: Buffer) => Buffer | undefined) | undefined): void
}

/** In bytes: what is held of a shell's message. */
const longest = 8192

/**
 * Takes what is not the command's out of what comes behind the barrier: a terminal's echo, and the barrier's word that it
 * could not become the command.
 * @returns that word, once it has come
 */
export function behindBarrier(
  { stdout, stderr }: { readonly stdout: Filtered; readonly stderr: Filtered },
  tag: string,
  tty: boolean,
): () => Blocked | undefined {
  let said: Buffer | undefined
  const more = (bytes: Buffer) => {
    said = Buffer.concat([said ?? Buffer.alloc(0), bytes.subarray(0, longest)])
    return undefined
  }
  const first = (stream: Filtered) => (bytes: Buffer) => {
    const isOurs = readBlocked(bytes, tag) !== undefined
    stream.through(isOurs ? (rest) => (said && said.length < longest ? more(rest) : undefined) : undefined)
    return isOurs ? more(bytes) : bytes
  }
  const begin = first(stdout)
  let isEcho = tty
  const echo = withoutEcho(() => {
    isEcho = false
  })
  stdout.through((bytes) => {
    const rest = isEcho ? echo(bytes) : bytes
    return rest && begin(rest)
  })
  if (!tty) stderr.through(first(stderr))
  return () => said && readBlocked(said, tag)
}
