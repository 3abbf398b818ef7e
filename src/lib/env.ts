import { DockerBashError } from './errors'
import { readNamed, whyUnread } from './files/bounded'
import { nameOf } from './text/env-entries'

/**
 * The environment that `-e` and `--env-file` ask for, as `docker exec` reads them: files first, then `-e`; a name
 * alone takes our own value. Where we have none, a file's is left out, and that of `-e` is handed on as it is: the
 * command will not have that variable.
 */
export function requestedEnv(flags: readonly string[], files: readonly string[], own: NodeJS.ProcessEnv): string[] {
  const withValue = (entry: string) => (own[entry] === undefined ? undefined : `${entry}=${own[entry]}`)
  const fromFiles = files
    .flatMap((file) => readEnvFile(file))
    .flatMap((entry) => {
      const given = entry.includes('=') ? entry : withValue(entry)
      return given === undefined ? [] : [given]
    })
  const fromFlags = flags.map((entry) => {
    if (nameOf(entry) === '')
      throw new DockerBashError(`invalid variable "${entry}" for -e`, { hint: 'write -e NAME=value or -e NAME' })
    return entry.includes('=') ? entry : (withValue(entry) ?? entry)
  })
  return [...fromFiles, ...fromFlags]
}

function readEnvFile(file: string): string[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readNamed(file, 1024 * 1024))
  } catch (cause) {
    const why = cause instanceof TypeError ? 'it is not UTF-8' : whyUnread(cause)
    throw new DockerBashError(`cannot read --env-file ${file}: ${why}`, {
      hint: 'lines are NAME=value, NAME or # comment',
      cause,
    })
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trimStart()
    if (entry === '' || entry.startsWith('#')) return []
    if (/\s/.test(nameOf(entry)) || nameOf(entry) === '') {
      throw new DockerBashError(`${file}, line ${index + 1}: invalid variable name "${nameOf(entry)}"`, {
        hint: 'lines are NAME=value, NAME or # comment; quotes are part of the value',
      })
    }
    return [entry]
  })
}
