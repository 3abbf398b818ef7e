/** What the kernel does for jobs holds for a command inside: in the background, stopped, continued. */
import { start } from '../support/cli'
import type { Container } from '../support/containers'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { sshdContainer, testKey } from '../support/sshd'
import { openTerminal, type Terminal } from '../support/tmux'
import { until } from '../support/until'

const key = testKey()
let web: Container
beforeAll(async () => {
  web = await sshdContainer({ key })
})
const ways: [string, string[]][] = [
  ['exec', []],
  ['runc', []],
  ['nsenter', []],
  ['debug', []],
  ['ssh', ['-i', key.path]],
]

/** Resolves when the shell calls its job stopped. */
function stopped(terminal: Terminal): Promise<boolean> {
  return until(
    async () => {
      await terminal.type('jobs\n')
      return /Stopped/.test(await terminal.screen())
    },
    20_000,
    () => terminal.screen(),
  )
}

/** Resolves when the kernel holds this process of the container's. */
async function held(pid: number): Promise<void> {
  let state: string | undefined
  const look = async () => {
    const all = await processesOf(web.id)
    state = all.find((one) => one.pid === pid)?.state
    // A shell that starts a program by vfork waits, uninterruptibly, for one that was stopped before its exec.
    return state === 'T' || (state === 'D' && all.some((one) => one.ppid === pid && one.state === 'T'))
  }
  await until(look, 5_000, () => `it is ${state}`)
}

test.each(ways)(
  'by %s: a job in the background that wants the terminal is stopped until it is in front',
  async (via, flags) => {
    const terminal = await openTerminal({ columns: 140, command: ['bash', '--norc'] })
    await terminal.until(/\$ ?$/)
    await terminal.type(
      `docker-bash --via ${via} ${flags.join(' ')} ${web.name} sh -c 'tty; read line; echo "got $line"; exit 7' &\n`,
    )
    await stopped(terminal)
    // What is typed is the shell's, as it was set.
    await terminal.type('clear; echo mine $((6 * 7))\n')
    await terminal.until(/^mine 42$/m)
    await terminal.type('fg\n')
    await terminal.until(/\/dev\/(?:pts|console)/, 20_000)
    await terminal.type('inside\n')
    await terminal.until(/^got inside$/m)
    await terminal.type('echo code $?\n')
    await terminal.until(/^code 7$/m)
    await terminal.kill()
  },
)

test.each(ways)('by %s: ctrl-z without a terminal inside stops the command too, and fg goes on', async (via, flags) => {
  const terminal = await openTerminal({ columns: 140, command: ['bash', '--norc'] })
  await terminal.until(/\$ ?$/)
  const script = "trap 'exit 9' TERM; while :; do echo tick; sleep 0.1; done; : 7712"
  await terminal.type(`docker-bash -T --via ${via} ${flags.join(' ')} ${web.name} sh -c "${script}" | cat\n`)
  // The line of the command has the word too, and is there before it.
  await terminal.until(/^tick$/m, 20_000)
  const { pid } = await waitForProcess(web.id, /sh -c trap.*7712/)
  const state = async () => (await processesOf(web.id)).find((one) => one.pid === pid)?.state
  await terminal.keys('C-z')
  await terminal.until(/Stopped/)
  await held(pid)
  await terminal.type('clear\n')
  await terminal.type('fg\n')
  await terminal.until(/^tick$/m)
  await terminal.keys('C-c')
  await until(
    async () => (await state()) === undefined,
    10_000,
    async () => `it is ${await state()}`,
  )
  await terminal.kill()
})

test.each(ways)(
  'by %s: with stty tostop, what a job in the background writes waits until it is in front',
  async (via, flags) => {
    const terminal = await openTerminal({ columns: 140, command: ['bash', '--norc'] })
    await terminal.until(/\$ ?$/)
    await terminal.type('stty tostop\n')
    await terminal.type(`docker-bash -T -n --via ${via} ${flags.join(' ')} ${web.name} sh -c 'echo $((6 * 7))7714' &\n`)
    await stopped(terminal)
    expect(await terminal.screen()).not.toMatch('427714')
    await terminal.type('fg\n')
    await terminal.until(/^427714$/m)
    await terminal.type('echo code $?\n')
    await terminal.until(/^code 0$/m)
    await terminal.kill()
  },
)

test.each(ways)('by %s: killed while it is stopped, it leaves nothing', async (via, flags) => {
  const script = 'echo begun; while :; do sleep 0.1; done; : 7713'
  const running = start(['--via', via, ...flags, '-T', '-n', web.name, 'sh', '-c', script])
  // Its words are there before it is: those of what it waits behind.
  await running.said(/begun/, 'stdout', 20_000)
  const { pid } = await waitForProcess(web.id, /while.*7713/, 20_000)
  running.kill('SIGTSTP')
  await held(pid)
  running.kill('SIGKILL')
  await running.ended
  await waitGone(web.id, /7713|docker-bash:/, 5_000)
})
