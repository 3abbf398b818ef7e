import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { shellOf } from '../lib/complete/shells'
import { checkEngine } from '../lib/doctor/engine'
import type { Finding } from '../lib/doctor/finding'
import { checkKeys } from '../lib/doctor/keys'
import { checkCompletion, checkConfig, checkPlugin, checkSsh, checkSshConfig } from '../lib/doctor/setup'
import { type EndpointChoice, locateEndpoint } from '../lib/engine/endpoint'
import { padded, widthOf } from '../lib/terminal/width'
import { safe } from '../lib/text/escape-controls'
import { setupFor } from './completion'
import { pluginLink } from './docker-plugin/link-options'
import { reachEngine } from './engine'
import { packaged } from './package-path'

const { env } = process

/** An engine that takes longer (ms) is not in order, and what else there is to find is wanted. */
const patienceMs = 5000

/** Everything that a session may come to need, in the order in which it does. */
export async function examine(choice: EndpointChoice): Promise<Finding[]> {
  const { path, program } = pluginLink()
  return [
    ...(await checkEngine(() => reachEngine(choice, { giveUpMs: patienceMs, tell: undefined }), env)),
    checkSsh(env, isBehindSsh(choice)),
    ...checkKeys(),
    checkConfig(env),
    checkPlugin(path, program, env),
    checkSshConfig(realpathSync(packaged('bin/run.js')), env),
    checkCompletion(shellOf(env) && setupFor(undefined)),
  ]
}

function isBehindSsh(choice: EndpointChoice): boolean {
  try {
    return locateEndpoint(choice, { env, home: homedir(), uid: process.getuid?.() ?? -1 }).kind === 'ssh'
  } catch {
    // The engine's own line says what is wrong with it.
    return false
  }
}

const marks = { pass: '✓', warn: '!', fail: '✗' } as const
const columns = 80

/** The findings as lines of 80 columns; a command that fixes something is never broken, a sentence is. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length))
  const room = columns - width - 4
  const newLine = `\n${' '.repeat(width + 4)}`
  const lines = findings.map(({ what, verdict, found, mend }) => {
    const parts = [...wrap(safe(found), room), ...(mend ? mendLines(safe(mend), room) : [])]
    return `${marks[verdict]} ${padded(what, width)}  ${parts.join(newLine)}\n`
  })
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length
  return `${lines.join('')}${count('pass')} in order, ${count('warn')} to know, ${count('fail')} to fix\n`
}

function mendLines(mend: string, room: number): string[] {
  return /[:;] /.test(mend) ? wrap(mend, room) : [mend]
}

/** At blanks; a longer word stands alone. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}
