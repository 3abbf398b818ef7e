import { processes } from '../../scripts/proc.mjs'
import { waitForProcess, waitGone } from '../support/processes'
import { openTerminal, type Terminal } from '../support/tmux'
import { check, type Inside } from './way'

export function terminals(the: Inside): void {
  const { way } = the
  const enter = (...words: string[]) => [
    ...the.typed(),
    '--via',
    way.via,
    ...(way.flags ?? []),
    the.container.name,
    ...words,
  ]
  /** A shell of ours in a terminal, in which docker-bash is typed. */
  const typed = async (terminal: Terminal, ...words: string[]) => {
    await terminal.type(`${enter(...words).join(' ')}`)
    await terminal.keys('Enter')
  }

  describe('terminal', () => {
    check(way, 'has its size from the first byte and after every resize', async () => {
      const script = 'trap "stty size" WINCH; stty size; while :; do sleep 0.1; done'
      const terminal = await openTerminal({ columns: 97, rows: 31, command: enter('sh', '-c', script) })
      expect(await terminal.until(/\d+ \d+/)).toBe('31 97')
      await terminal.resize(71, 23)
      await terminal.until(/23 71/)
      await terminal.resize(120, 40)
      await terminal.until(/40 120/)
      await terminal.kill()
    })
    check(way, 'comes by itself with both ends at one, and not for a pipe; -t and -T insist', async () => {
      const question = ['sh', '-c', '"test -t 0 && test -t 1 && echo yes || echo no"']
      const terminal = await openTerminal()
      await typed(terminal, ...question)
      await terminal.until(/^yes$/m)
      await terminal.kill()
      expect((await the.run(['sh', '-c', 'test -t 1 || echo no'])).stdout.toString()).toBe('no\n')
      const insisted = await the.run(['sh', '-c', 'test -t 0 && test -t 1 && echo yes'], { flags: ['-t'] })
      expect(insisted.stdout.toString()).toBe('yes\r\n')
    })
    check(way, 'hands every key to the command at once, ctrl-p too', async () => {
      const terminal = await openTerminal({
        command: enter('sh', '-c', 'stty raw -echo; echo ready; dd bs=1 count=6 2>/dev/null | od -An -tx1'),
      })
      await terminal.until(/ready/)
      for (const key of ['C-p', 'C-q', 'C-c', 'C-z', 'C-d', 'C-m']) await terminal.keys(key)
      await terminal.until(/10 11 03 1a 04 0d/)
      await terminal.kill()
    })
    check(way, 'passes full-screen output unchanged: a line feed alone is only that', async () => {
      const terminal = await openTerminal({ command: enter('sh', '-c', 'stty raw; printf "ab\\ncd"; sleep 5') })
      expect(await terminal.until(/cd/)).toBe('ab\n  cd')
      await terminal.kill()
    })
    check(way, 'ctrl-c interrupts the command, not docker-bash', async () => {
      const terminal = await openTerminal()
      await typed(terminal, 'sh', '-c', `'trap "echo caught; exit 33" INT; echo ready; while :; do sleep 0.1; done'`)
      await terminal.until(/^ready/m)
      await terminal.keys('C-c')
      // What is typed before the prompt is there may still be for the command.
      await terminal.until(/caught\s+\$/)
      await terminal.type('echo code $?')
      await terminal.keys('Enter')
      await terminal.until(/code 33/)
      await terminal.kill()
    })
    check(way, 'is as it was afterwards: at an end, a signal, a crash of the command', async () => {
      // Wide enough for what is typed: a wrapped word would look like a line of output.
      const terminal = await openTerminal({ columns: 240 })
      /** What the terminal's settings are once a command line has ended. */
      const state = async (tag: string, line = 'true') => {
        await terminal.type(`${line}; clear; stty -g; echo ${tag}`)
        await terminal.keys('Enter')
        const seen = await terminal.until(new RegExp(`^${tag}$`, 'm'))
        return /^[0-9a-f:]{20,}/m.exec(seen.replace(/\n(?=[0-9a-f:]+$)/gm, ''))?.[0]
      }
      const before = await state('before')
      expect(before).toMatch(/:/)
      expect(await state('ended', enter('sh', '-c', "'stty raw -echo; exit 0'").join(' '))).toBe(before)
      expect(await state('crashed', enter('sh', '-c', "'kill -KILL $$'").join(' '))).toBe(before)
      const signalled = state('signalled', enter('sleep', '7011').join(' '))
      await waitForProcess(the.container.id, /^sleep 7011$/)
      // By the container, too: other ways are put to the same test beside this one.
      const words = [the.container.name, '7011']
      const ours = processes().find(
        ({ args }) => /(?:node|^ssh)$/.test(args[0] ?? '') && words.every((word) => args.join(' ').includes(word)),
      )
      process.kill(Number(ours?.pid), 'SIGTERM')
      expect(await signalled).toBe(before)
      await waitGone(the.container.id, /sleep 7011/)
      await terminal.kill()
    })
    check(way, 'a window that is closed ends the session inside, jobs and all', async () => {
      const terminal = await openTerminal({ command: enter('sh') })
      await terminal.until(/[#$] ?$/)
      await terminal.type('sleep 7012 & sleep 7013')
      await terminal.keys('Enter')
      await waitForProcess(the.container.id, /^sleep 7013$/)
      await terminal.kill()
      await waitGone(the.container.id, /^sleep 701[23]$/)
      await waitGone(the.container.id, /docker-bash/)
    })
    check(way, 'kill -9 of docker-bash ends what runs at the terminal, too', async () => {
      const terminal = await openTerminal({ command: enter('sh', '-c', 'trap "" HUP; sleep 7014; sleep 7015') })
      await waitForProcess(the.container.id, /^sleep 7014$/)
      process.kill(terminal.pid, 'SIGKILL')
      await waitGone(the.container.id, /sleep 701[45]/)
      await terminal.kill()
    })
  })
}
