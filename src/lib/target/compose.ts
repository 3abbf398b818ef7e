import { statSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { readBoundedText } from '../files/bounded'

const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']

export interface ComposeSurroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * The name of the compose project that this folder belongs to, by compose's own rules: COMPOSE_PROJECT_NAME (from the
 * environment or `.env`), the file's top-level `name:`, else the name of the folder that holds the file; files are
 * COMPOSE_FILE or the usual names, here or in a folder above.
 * @returns undefined when there is no compose file: then no TARGET is a service
 * @see https://docs.docker.com/compose/how-tos/project-name/
 */
export function composeProject({ cwd, env }: ComposeSurroundings): string | undefined {
  const folder = env.COMPOSE_FILE ? cwd : folderAbove(cwd)
  if (folder === undefined) return undefined
  const settings = { ...dotEnv(join(folder, '.env')), ...env }
  const named = normalize(settings.COMPOSE_PROJECT_NAME ?? '')
  if (named) return named
  const files = settings.COMPOSE_FILE
    ? settings.COMPOSE_FILE.split(settings.COMPOSE_PATH_SEPARATOR || delimiter).map((file) => resolve(folder, file))
    : usualFiles(folder)
  const first = files[0]
  if (first === undefined) return undefined
  // The last file that sets a name wins, as everything does when compose merges files.
  const names = files.map((file) => nameIn(file, settings)).filter((name) => name !== undefined)
  return names.at(-1) ?? normalize(basename(dirname(first)))
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
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** The top-level `name:` of a compose file: one line at the left margin, so that no YAML parser has to be loaded. */
function nameIn(file: string, settings: NodeJS.ProcessEnv): string | undefined {
  const text = read(file)
  const found = /^name:[ \t]+(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#][^\n#]*))/m.exec(text)
  const raw = (found?.[1] ?? found?.[2] ?? found?.[3])?.trim()
  if (!raw) return undefined
  const value = raw.replace(/\$(?:\{(\w+)(?::?-([^}]{0,256}))?\}|(\w+))/g, (_, braced, fallback, bare) => {
    return settings[braced ?? bare] || fallback || ''
  })
  return normalize(value) || undefined
}

function dotEnv(file: string): Record<string, string> {
  const lines = read(file).split('\n')
  return Object.fromEntries(
    lines.flatMap((line) => {
      const found = /^\s*(?:export\s+)?(COMPOSE_\w+)\s*=(.*)$/.exec(line)
      return found?.[1] ? [[found[1], (found[2] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2')]] : []
    }),
  )
}

function read(file: string): string {
  try {
    return readBoundedText(file, { most: 1024 * 1024 })
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
