import { spawnSync } from 'node:child_process'

/**
 * Gives the terminal inside back what runtimes take from it: they clear ONLCR there and let the terminal outside add
 * the carriage returns, which spoils what a full-screen program prints. Outside, `host/guarded` has cleared it.
 * @param pid a process whose stderr is that terminal (the gate, while it waits, has something else for stdin)
 */
export async function restoreNewlines(pid: number): Promise<void> {
  const path = `/proc/${pid}/fd/2`
  // The runtime clears it when it is handed the terminal, which is at about the time when the command is started.
  for (let tries = 0; tries < 20; tries++) {
    const { stdout } = spawnSync('stty', ['-F', path, '-a'], { encoding: 'utf8' })
    if (/(?:^|\s)-onlcr/.test(stdout)) break
    await new Promise((go) => setTimeout(go, 2))
  }
  spawnSync('stty', ['-F', path, 'onlcr'])
}
