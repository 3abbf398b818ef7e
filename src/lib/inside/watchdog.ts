import endSession from './end-session.sh'
import watching from './watchdog.sh'

const script = endSession + watching

/**
 * The watchdog: a second exec beside the command's own that ends what we started when we are gone, however we went.
 *
 * Engines leave an exec running when its client dies, and have no call to signal or end one (moby#9098, #35703). The
 * watchdog's stdin is held open by us; the kernel closes it when we die, kill -9 included, and the engine hands that on.
 * It needs nothing but a POSIX shell: every tool it uses is a builtin, `sleep` only if there is one. So is `dd`, because
 * a process may say that its words go on for ever, and a shell would read them byte by byte.
 *
 * It is told, a line each: `pid N START` (the command, by the PIDs where the watchdog is, and in which of the kernel's ticks
 * it was started, if that is known: then another process of that number is not taken for it), `kill NAME` (a signal for its process
 * group, and for the terminal's foreground group), `done` (it ended by itself: leave).
 */

/**
 * argv of the watchdog.
 * @param list a control group's `cgroup.procs`, to look there before all of /proc is looked through
 * @param out files to leave its control groups by, so that it is not killed together with us
 */
export function watchdogArgv(shell: string, tag: string, list = '', out: readonly string[] = []): readonly string[] {
  return [shell, '-c', script, tag, list, ...(out.length > 0 ? [out.join(' ')] : [])]
}

/** The watchdog's orders. */
export const orders = {
  watch: (pid: number, start?: number) => `pid ${pid} ${start ?? ''}\n`,
  signal: (name: NodeJS.Signals) => `kill ${name.replace(/^SIG/, '')}\n`,
  done: 'done\n',
}
