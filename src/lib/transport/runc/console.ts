import { spawnSync } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, statfsSync } from 'node:fs'
import { O_PATH } from '../../host/o-path'

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants
/** statfs(2): DEVPTS_SUPER_MAGIC. */
const devpts = 0x1cd1
/** Linux's device numbers: the major ones of terminals' far ends (Unix98 PTY slaves), 136 to 143. */
const isFarEnd = (device: number) => ((device >> 8) & 0xfff) >= 136 && ((device >> 8) & 0xfff) <= 143

/**
 * Gives the terminal inside back what runtimes take from it: they clear ONLCR there and let the terminal outside add
 * the carriage returns, which spoils what a full-screen program prints. Outside, `host/child-with-watchdog` has cleared it.
 * @param pid a process whose stderr is that terminal (the barrier, while it waits, has something else for stdin)
 */
export async function restoreNewlines(pid: number): Promise<void> {
  const terminal = openTerminal(`/proc/${pid}/fd/2`)
  if (terminal === undefined) return
  const stty = (word: string) => {
    const { stdout } = spawnSync('stty', [word], {
      ...{ stdio: [terminal, 'pipe', 'ignore'], encoding: 'utf8', timeout: 5000, killSignal: 'SIGKILL' },
    })
    return stdout
  }
  try {
    // The runtime clears it when it is handed the terminal, which is at about the time when the command is started.
    for (let tries = 0; tries < 20; tries++) {
      if (/(?:^|\s)-onlcr/.test(stty('-a'))) break
      await new Promise((go) => setTimeout(go, 2))
    }
    stty('onlcr')
  } finally {
    closeSync(terminal)
  }
}

/**
 * A terminal to be spoken to. What is at that name, somebody inside has put there: opening a device is an act of its own
 * (a watchdog's makes the machine reboot), and a hostile container has root's hand for it. So it is looked at before it
 * is opened, by the same descriptor.
 * @returns undefined when it is anything but the far end of a terminal
 */
export function openTerminal(path: string): number | undefined {
  let name: number | undefined
  try {
    name = openSync(path, O_PATH)
    const stat = fstatSync(name)
    const here = `/proc/self/fd/${name}`
    if (!stat.isCharacterDevice() || !isFarEnd(stat.rdev) || statfsSync(here).type !== devpts) return undefined
    return openSync(here, O_RDWR | O_NOCTTY | O_NONBLOCK)
  } catch {
    // It ended meanwhile.
    return undefined
  } finally {
    if (name !== undefined) closeSync(name)
  }
}
