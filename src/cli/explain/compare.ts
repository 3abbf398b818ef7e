import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readProc } from '../../lib/host/proc'
import { type Probed, type TransportName, transportNames, type Verdict } from '../../lib/model'
import { table } from '../../lib/terminal/table'
import { nameOf } from '../../lib/text/env-entries'
import { type Held, judgeProbe, type Measured, probe, readHeld, readProbe } from '../../lib/tradeoffs/probe'
import { properties } from '../../lib/tradeoffs/table'

const execute = promisify(execFile)

/**
 * The table of docs/tradeoffs.md for one container: what can be measured by looking is measured now, by each way that
 * fits, with a `*`; the rest is what the tests proved. A way that does not fit has dashes.
 * @param flags that name the engine and the identity, for the ways in
 * @param word that names the container with those flags
 */
export async function compare(
  target: Probed,
  verdicts: readonly Verdict[],
  flags: readonly string[],
  word: string,
): Promise<string> {
  const fitting = transportNames.filter((name) => verdicts.find(({ transport }) => transport === name)?.fits)
  const said = new Map(await Promise.all(fitting.map(async (via) => [via, await ask(word, via, flags)] as const)))
  const byExec = asExec(said.get('exec'))
  const first = ownOf(target)
  // Its first process may have changed who it is since it was started; the engine's exec starts anew.
  const own = first && byExec ? { ...first, user: byExec.user } : (first ?? byExec)
  const names = target.env.map(nameOf)
  const cells = new Map(
    fitting.map((via): [TransportName, Partial<Record<Measured, string>>] => {
      const text = said.get(via)
      return [via, own && text ? judgeProbe(text, own, names) : {}]
    }),
  )
  const rows = properties.map(({ id, title, cells: proved }) => [
    title,
    ...transportNames.map((via) => {
      if (!cells.has(via)) return '–'
      const measured = cells.get(via)?.[id as Measured]
      return measured === undefined ? proved[via] : `${measured}*`
    }),
  ])
  return `${table(['', ...transportNames], rows)}\n* measured just now; the rest by docker-bash's tests\n`
}

/** What the probe says by one way in, which is docker-bash itself; undefined when it did not get in. */
async function ask(word: string, via: TransportName, flags: readonly string[]): Promise<string | undefined> {
  try {
    const own = flags.filter((flag) => via === 'nsenter' || flag !== '--helper')
    const words = ['--via', via, ...own, '-n', '-T', '-c', probe, word]
    return (await execute(process.execPath, ['--', process.argv[1] ?? '', ...words], { timeout: 20_000 })).stdout
  } catch {
    return undefined
  }
}

function ownOf({ pid, onHost }: Probed): Held | undefined {
  if (!onHost.looked || !onHost.found.certain) return undefined
  const file = (name: string) => readProc(pid, name) ?? ''
  return readHeld(file('status'), file('cgroup'), file('attr/current'))
}

function asExec(text: string | undefined): Held | undefined {
  return text === undefined ? undefined : readProbe(text)
}
