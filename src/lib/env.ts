import { DockerBashError } from './errors'
import { readNamed, whyUnread } from './files/bounded'

/**
 * The environment that `-e` and `--env-file` ask for, as `docker exec` reads them: files first, then `-e`; a name
 * alone takes our own value, and is left out when we have none.
 */
export function requestedEnv(flags: readonly string[], files: readonly string[], own: NodeJS.ProcessEnv): string[] {
  return [...files.flatMap((file) => readEnvFile(file)), ...flags].flatMap((entry) => {
    const name = nameOf(entry)
    if (name === '')
      throw new DockerBashError(`-e ${entry} names no variable`, { hint: 'write -e NAME=value or -e NAME' })
    if (entry.includes('=')) return [entry]
    return own[entry] === undefined ? [] : [`${entry}=${own[entry]}`]
  })
}

function nameOf(entry: string): string {
  const equals = entry.indexOf('=')
  return equals < 0 ? entry : entry.slice(0, equals)
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
      throw new DockerBashError(`${file}, line ${index + 1}: ${nameOf(entry) || '='} is no variable's name`, {
        hint: 'lines are NAME=value, NAME or # comment; quotes are part of the value',
      })
    }
    return [entry]
  })
}
