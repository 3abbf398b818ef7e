import { statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { readBoundedText } from '../files/bounded'

const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']

export interface ComposeSurroundings {
  /** Absent where the folder that we are in was deleted. */
  readonly cwd: string | undefined
  readonly env: NodeJS.ProcessEnv
}

/** Our own. */
export function here(): ComposeSurroundings {
  const { env } = process
  try {
    return { cwd: process.cwd(), env }
  } catch {
    // It was deleted, or a folder above it is not ours to read.
    return { cwd: undefined, env }
  }
}

/**
 * The name of the compose project that this folder belongs to, as compose finds it: COMPOSE_PROJECT_NAME, which needs no
 * file; the last `name:` of the files; else the name of the folder that holds the first. Files are COMPOSE_FILE or the
 * usual names, here or in a folder above; `.env` here is read before they are looked for, and that beside them after.
 * @returns undefined when there is no compose file: then no TARGET is a service
 * @see https://docs.docker.com/compose/how-tos/project-name/
 */
export function composeProject({ cwd, env }: ComposeSurroundings): string | undefined {
  if (cwd === undefined) return normalize(env.COMPOSE_PROJECT_NAME ?? '') || undefined
  const first: Settings = { ...dotEnv(cwd), ...env }
  const folder = first.COMPOSE_FILE ? cwd : folderAbove(cwd)
  const files = first.COMPOSE_FILE ? listed(first, cwd) : folder === undefined ? [] : usualFiles(folder)
  const beside = files[0] === undefined ? cwd : dirname(files[0])
  const settings: Settings = beside === cwd ? first : { ...dotEnv(beside), ...first }
  const named = normalize(settings.COMPOSE_PROJECT_NAME ?? '')
  if (named) return named
  if (files.length === 0) return undefined
  // The last file that sets a name wins, as everything does when compose merges files.
  const names = files.map((file) => nameIn(file, settings)).filter((name) => name !== undefined)
  return names.at(-1) ?? normalize(basename(beside))
}

type Settings = Readonly<Record<string, string | undefined>>

function listed(settings: Settings, cwd: string): string[] {
  const separator = settings.COMPOSE_PATH_SEPARATOR || delimiter
  return (settings.COMPOSE_FILE ?? '').split(separator).flatMap((file) => (file === '' ? [] : [resolve(cwd, file)]))
}

function folderAbove(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (usualFiles(folder).length > 0) return folder
    if (folder === dirname(folder)) return undefined
  }
}

function usualFiles(folder: string): string[] {
  const found = fileNames.map((name) => join(folder, name)).find(isFile)
  return found === undefined ? [] : [found]
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    // In a folder that is not ours to look into, as that of who called sudo -u.
    return false
  }
}

/** In characters: what a parser is given. With a mebibyte, which it takes ten seconds for, a folder could hold us up. */
const mostParsed = 16 * 1024

/** The top-level `name:` of a compose file. */
function nameIn(path: string, settings: Settings): string | undefined {
  const text = entryOf(read(path))
  // Most have none, and need no parser.
  if (text === undefined || text.length > mostParsed) return undefined
  const { parseDocument } = require('yaml') as typeof import('yaml')
  // Without its aliases, which can make much of little.
  const file = parseDocument(text, { logLevel: 'silent' })
  if (file.errors.length > 0) return undefined
  const name: unknown = file.get('name')
  return typeof name === 'string' || typeof name === 'number' ? normalize(filled(String(name), settings)) : undefined
}

/** The lines of the entry alone; of a file in flow style, all of it. */
function entryOf(text: string): string | undefined {
  if (text.trimStart().startsWith('{')) return text
  const lines = text.split('\n')
  const from = lines.findIndex((line) => /^(?:name|["']name["'])[ \t]*:/.test(line))
  if (from < 0) return undefined
  const length = lines.slice(from + 1).findIndex((line) => /^[^\s#]/.test(line))
  return lines.slice(from, length < 0 ? undefined : from + 1 + length).join('\n')
}

/** `$NAME`, `${NAME}`, and the forms with `:-`, `-`, `:?`, `?`, `:+` and `+`; `$$` is a dollar. */
function filled(text: string, settings: Settings): string {
  return text.replace(
    /\$(?:(\$)|\{(\w+)(?:(:?[-?+])([^}]{0,256}))?\}|(\w+))/g,
    (_, dollar?: string, braced?: string, form = '', other = '', bare?: string) => {
      if (dollar) return dollar
      const value = settings[braced ?? bare ?? '']
      const isSet = form.startsWith(':') ? Boolean(value) : value !== undefined
      if (form.endsWith('+')) return isSet ? other : ''
      return isSet ? (value ?? '') : form.endsWith('-') ? other : ''
    },
  )
}

function dotEnv(folder: string): Settings {
  const text = read(join(folder, '.env'))
  return text === '' ? {} : (parseEnv(text) as Settings)
}

function read(file: string): string {
  try {
    return readBoundedText(file, { most: 1024 * 1024 }).replace(/^\ufeff/, '')
  } catch {
    // A file that cannot be read names no project; the engine then knows no such service, and that is said.
    return ''
  }
}

/** As compose does it: lower case, only `a-z 0-9 _ -`, and the first a letter or digit. */
function normalize(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
}
