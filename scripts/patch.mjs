// Changes of libraries, made while they are bundled: docs/architecture.md says what each buys.
import { readFileSync } from 'node:fs'

const made = new Set()

/** Notes that a change was made, by what it is called. */
export function madeChange(what) {
  made.add(what)
}

/**
 * A file of a library's with texts of it replaced, wherever they stand.
 * @throws when one is not there any more: the change has to be looked at again
 */
export function patch(path, ...changes) {
  let source = readFileSync(path, 'utf8')
  for (const [from, to] of changes) {
    if (!source.includes(from))
      throw new Error(`${path} has no ${JSON.stringify(from)} any more, which the build changes`)
    source = source.replaceAll(from, () => to)
  }
  madeChange(path.split(/node_modules[\\/]/).at(-1))
  return source
}

/** @throws naming the changes that found nothing to change: the library has moved what they were for */
export function requireChanges(wanted) {
  const missing = wanted.filter((what) => !made.has(what))
  if (missing.length > 0) throw new Error(`the build found nothing to change for ${missing.join(', ')}`)
}
