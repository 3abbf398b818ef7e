import { connect } from 'node:net'

/** As long as ctrl-c may take to arrive at both of us. */
const togetherMs = 100

/**
 * As a plugin of Docker's client: what that is told to end by reaches us.
 *
 * It passes no signal on. On SIGINT and SIGTERM it closes a socket that its plugins hold open (since 25; at a terminal
 * it leaves them to the kernel, which signals both of us); when it dies, the socket goes, too. So the socket's end is a
 * SIGTERM, unless a signal came here as well; and when the client is gone, we go: what runs inside ends with us.
 * @see docker/cli cli-plugins/socket/socket.go
 * @param leave ends this process, since its client is gone
 */
export function heedDocker(env: NodeJS.ProcessEnv, leave: () => void): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) leave()
  }, 500).unref()
  const address = env.DOCKER_CLI_PLUGIN_SOCKET
  if (!address) return
  delete env.DOCKER_CLI_PLUGIN_SOCKET
  const heard = noteSignals(['SIGINT', 'SIGTERM'])
  untilClosed(address, () =>
    setTimeout(() => {
      if (!heard()) process.kill(process.pid, 'SIGTERM')
    }, togetherMs),
  )
}

/** @param address a path; behind an `@`, on Linux, a name without a file */
function untilClosed(address: string, closed: () => void): void {
  const isAbstract = address.startsWith('@')
  const socket = connect(isAbstract ? `\0${address.slice(1)}` : address)
  socket.on('error', () => {
    // Node 20 fills such a name up with zero bytes, and that is another name.
    if (isAbstract) void import('./abstract-socket').then(({ watchByPerl }) => watchByPerl(address.slice(1), closed))
  })
  socket.once('connect', () => socket.once('close', closed))
  socket.resume().unref()
}

/** Whether any of these came, and without changing what it does. */
function noteSignals(names: readonly NodeJS.Signals[]): () => boolean {
  let came = false
  const note = (name: NodeJS.Signals) => {
    came = true
    if (process.listenerCount(name) > 1) return
    // Nobody else listens: its default is what would have happened.
    process.off(name, note)
    process.kill(process.pid, name)
  }
  for (const name of names) process.on(name, note)
  return () => came
}
