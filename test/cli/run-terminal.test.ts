/** `docker-bash run` at a terminal: live lines, ctrl-c. */
import { readFileSync, rmSync } from 'node:fs'
import { processes } from '../../scripts/proc.mjs'
import { container, uniqueName } from '../support/containers'
import { type FleetOfTests, fleetOf } from '../support/fleet'
import { waitForProcess, waitGone } from '../support/processes'
import { openTerminal } from '../support/tmux'

let three: FleetOfTests
beforeAll(async () => {
  three = await fleetOf(3)
})

const patient = 30_000
const command = (...words: string[]) => ['docker-bash', 'run', ...words]
/** Ends what a script waits for. */
const release = async (fleet: FleetOfTests, line: RegExp) => {
  for (const { id } of fleet.members) process.kill((await waitForProcess(id, line, patient)).pid, 'SIGTERM')
}

describe('live lines', () => {
  test('one each, below the output: runs, ended how, the last that was said; then the summary', async () => {
    const script = 'echo hello; sleep 7201; echo bye; [ $(hostname) != NAME ] || exit 3'
    const first = three.members[0]?.id.slice(0, 12) ?? ''
    const terminal = await openTerminal({ command: command(three.glob, '-c', script.replace('NAME', first)) })
    const names = three.members.map(({ name }) => name)
    const running = await terminal.until((screen) => (screen.match(/·.* runs .*hello/g) ?? []).length === 3, patient)
    for (const name of names) {
      expect(running).toMatch(new RegExp(`^${name} \\| hello$`, 'm'))
      expect(running).toMatch(new RegExp(`^  · ${name}  runs`, 'm'))
    }
    // The lines stand below the output.
    expect(running.lastIndexOf('| hello')).toBeLessThan(running.indexOf('  · '))
    await release(three, /^sleep 7201$/)
    const ended = await terminal.until(/docker-bash: 2 of 3 ended with 0/, patient)
    expect(ended).toMatch(new RegExp(`^  ✗ ${names[0]}  code 3 +(bye|Terminated)$`, 'm'))
    expect(ended).toMatch(new RegExp(`^  ✓ ${names[1]}  \\d+\\.\\d s +(bye|Terminated)$`, 'm'))
    expect(ended).not.toMatch(/ · /)
    expect(ended.match(/\| hello$/gm)).toHaveLength(3)
    expect(await terminal.exit()).toEqual({ code: 3 })
    await terminal.kill()
  })

  test('more containers than rows: counts, and no more lines than there is room for', async () => {
    const many = await fleetOf(12)
    const terminal = await openTerminal({ rows: 10, command: command(many.glob, '--', 'sleep', '7202') })
    const screen = await terminal.until(/^ {2}12 running, 0 of 12 ended$/m, patient)
    expect(screen.match(/^ {2}· /gm)).toHaveLength(4)
    await terminal.resize(60, 3)
    await terminal.until((seen) => /running/.test(seen) && !/ · /.test(seen), patient)
    await release(many, /^sleep 7202$/)
    await terminal.until(/-12 {2}143$/m, patient)
    await terminal.kill()
  })

  test('a narrow window cuts them; a name and a word cannot move the cursor', async () => {
    const terminal = await openTerminal({
      columns: 40,
      command: command(three.glob, '--group', '-c', `printf "\\033[2J${'long '.repeat(30)}\\n"; sleep 7203`),
    })
    const screen = await terminal.until((seen) => (seen.match(/\\x1b\[2/g) ?? []).length === 3, patient)
    const lines = screen.split('\n').filter((line) => line.includes(' · '))
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/…$/)
    await release(three, /^sleep 7203$/)
    await terminal.exit(patient)
    await terminal.kill()
  })

  test('colours are the terminal’s alone, and NO_COLOR holds', async () => {
    const escapes = async (env: Record<string, string>) => {
      const file = `/tmp/${uniqueName()}`
      const line = `docker-bash run '${three.glob}' -- echo hello`
      // What a terminal is sent, by util-linux' script.
      const terminal = await openTerminal({ env, command: ['script', '-qec', line, file] })
      // Its end, not the word on the screen: script may still be holding what it writes to the file.
      await terminal.exit(patient)
      await terminal.kill()
      const sent = readFileSync(file, 'utf8')
      rmSync(file)
      return sent
    }
    expect(await escapes({})).toMatch(/\x1b\[3[0-9]m\S+ \|/)
    expect(await escapes({ NO_COLOR: '1' })).not.toMatch(/\x1b\[3[0-9]m/)
  })
})

describe.each(['runc', 'exec'])('ctrl-c, by %s', (via) => {
  test('ends all of them, code 130, and nothing is left', async () => {
    const terminal = await openTerminal({ command: command('--via', via, three.glob, '--', 'sleep', '7204') })
    for (const { id } of three.members) await waitForProcess(id, /^sleep 7204$/, patient)
    await terminal.keys('C-c')
    await terminal.until(/docker-bash: 0 of 3 ended with 0, 3 did not:\n.*130 {2}ended: SIGINT/, patient)
    expect(await terminal.exit(patient)).toEqual({ code: 130 })
    for (const { id } of three.members) await waitGone(id, /7204|docker-bash/, 5000)
    expect(processes().filter(({ args }) => args[0] !== 'tmux' && args.includes('7204'))).toEqual([])
    await terminal.kill()
  })

  test('a second one ends at once those that heed none', async () => {
    const script = 'trap "echo no" INT; trap "" HUP TERM; sleep 7205; sleep 7205; sleep 7205'
    const terminal = await openTerminal({ command: command('--via', via, three.glob, '-c', script) })
    for (const { id } of three.members) await waitForProcess(id, /^sleep 7205$/, patient)
    await terminal.keys('C-c')
    await terminal.until((screen) => (screen.match(/\| no$/gm) ?? []).length === 3, patient)
    await terminal.keys('C-c')
    await terminal.until(/docker-bash: 0 of 3/, patient)
    expect(await terminal.exit(patient)).toEqual({ code: 130 })
    for (const { id } of three.members) await waitGone(id, /sleep 7205|docker-bash/, 5000)
    await terminal.kill()
  })
})

test('a window that is closed ends all of them', async () => {
  const terminal = await openTerminal({ command: command(three.glob, '-c', 'trap "" HUP; sleep 7206; sleep 7206') })
  for (const { id } of three.members) await waitForProcess(id, /^sleep 7206$/, patient)
  await terminal.kill()
  for (const { id } of three.members) await waitGone(id, /sleep 7206|docker-bash/, 8000)
})

test('a single container is a fleet, too', async () => {
  const { name } = await container({ image: 'busybox' })
  const terminal = await openTerminal({ command: command(name, '--', 'echo', 'alone') })
  expect(await terminal.until(/docker-bash: 1 of 1 ended with 0/, patient)).toMatch(new RegExp(`^${name} \\| alone`))
  await terminal.kill()
})
