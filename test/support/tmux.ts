/** A real terminal, by a tmux server of its own. */
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Place, scratch, sharedEngine } from './engine'
import { type Environment, surroundings, within } from './environment'
import { until } from './until'

const execute = promisify(execFile)

export interface TerminalOptions {
  /** Default 80 and 24. */
  columns?: number
  rows?: number
  /** The program and its arguments; default: an interactive bash without rc files. */
  command?: readonly string[]
  /** Added to a clean environment. */
  env?: Environment
  place?: Place
}

/** How the terminal's program ended: `exit` resolves with it. */
export interface Exit {
  readonly code?: number
  readonly signal?: number
}

export interface Terminal {
  /** As typed; nothing in it is a key's name. */
  type(text: string): Promise<void>
  /** Keys by tmux's names: `C-c`, `Enter`, `Up`. */
  keys(...names: string[]): Promise<void>
  /** What is to be seen, a line a row, without trailing blanks. */
  screen(): Promise<string>
  /** Resolves with the screen as soon as it fits; rejects with the screen after `timeoutMs` (default 10,000). */
  until(fits: RegExp | ((screen: string) => boolean), timeoutMs?: number): Promise<string>
  resize(columns: number, rows: number): Promise<void>
  /** The process ID of the terminal's program. */
  readonly pid: number
  /** Waits for the program's end; the screen stays to be read. */
  exit(timeoutMs?: number): Promise<Exit>
  /** Closes the window: what runs in it gets SIGHUP. May be called twice. */
  kill(): Promise<void>
}

/** Opens a terminal; it is closed after the file's last test at the latest. */
export async function openTerminal(options: TerminalOptions = {}): Promise<Terminal> {
  const { columns = 80, rows = 24, command = shell } = options
  const place = options.place ?? sharedEngine()
  const { env, clear } = surroundings({ PS1: '$ ', HISTFILE: '', ...options.env }, place)
  const folder = scratch('tmux')
  writeFileSync(join(folder, 'conf'), configuration)
  const tmux = async (...args: string[]) =>
    (await execute('tmux', ['-S', join(folder, 'socket'), ...args], { env })).stdout
  const show = async (format: string) => (await tmux('display-message', '-p', '-t', 'main', format)).trim()

  const size = ['-x', String(columns), '-y', String(rows)]
  // Through env, so that there are always several words: a single one tmux would give to a shell.
  const words = within(place, ['env', ...command])
  await tmux('-f', join(folder, 'conf'), 'new-session', '-d', '-s', 'main', ...size, '-c', env.HOME ?? '/', ...words)

  const screen = async () => (await tmux('capture-pane', '-p', '-t', 'main')).replace(/\s+$/, '')
  const kill = async () => {
    // It fails if the server is gone, which is what is wanted.
    await tmux('kill-server').catch(() => {})
    rmSync(folder, { recursive: true, force: true })
    clear()
  }
  open.push(kill)
  const terminal: Terminal = {
    type: async (text) => void (await tmux('send-keys', '-t', 'main', '-l', '--', text)),
    keys: async (...names) => void (await tmux('send-keys', '-t', 'main', '--', ...names)),
    screen,
    until: (fits, timeoutMs = 10_000) =>
      until(
        async () => {
          const seen = await screen()
          return (typeof fits === 'function' ? fits(seen) : fits.test(seen)) && { seen }
        },
        timeoutMs,
        async () => `${fits} on the screen:\n${await screen()}`,
      ).then(({ seen }) => seen),
    resize: async (x, y) => void (await tmux('resize-window', '-t', 'main', '-x', String(x), '-y', String(y))),
    pid: Number(await show('#{pane_pid}')),
    exit: (timeoutMs = 10_000) =>
      until(
        async () => {
          const line = await show('#{pane_dead} #{pane_dead_status} #{pane_dead_signal}')
          // tmux 3.3 sometimes overlooks the child's end until it hears of another's: 'true' is that other.
          if (line === '1') await tmux('run-shell', 'true')
          return parseExit(line)
        },
        timeoutMs,
        async () => `an end; on the screen:\n${await screen()}`,
      ),
    kill,
  }
  // What is typed before a shell has its terminal is shown twice, and the second time in the wrong place.
  if (command === shell) await terminal.until(/\$$/)
  return terminal
}

const shell = ['bash', '--norc', '--noprofile']

// remain-on-exit: the last screen and the exit code can still be asked for.
const configuration = `
set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ''
set -g escape-time 0
set -g history-limit 10000
set -g default-terminal screen-256color
`

function parseExit(line: string): Exit | undefined {
  const [, code, signal] = /^1 (\d*) ?(\d*)$/.exec(line) ?? []
  if (signal) return { signal: Number(signal) }
  return code ? { code: Number(code) } : undefined
}

const open: Array<() => Promise<void>> = []
afterAll(async () => {
  await Promise.all(open.map((kill) => kill()))
})
