import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errno } from '../errors'
import { pathIn } from '../keys/folders'
import { ownKeys } from '../keys/store'
import { quote } from '../quote'
import { type Finding, fail, failed, pass } from './finding'

/** Private keys that only their owner can read, in a folder that only their owner can write. */
export function checkKeys(): Finding[] {
  try {
    const folder = dirname(pathIn('keys', 'any'))
    const names = namesIn(folder)
    if (names.length === 0) return [pass('keys', 'none yet: docker-bash key install makes one')]
    const wrong = [
      ...(mode(folder) & 0o022 ? [fail('keys', `others can write ${folder}`, `chmod 700 ${quote(folder)}`)] : []),
      ...names
        .filter((name) => !name.endsWith('.pub') && mode(pathIn('keys', name)) & 0o077)
        .map((name) => pathIn('keys', name))
        .map((path) => fail('keys', `others can read ${path}`, `chmod 600 ${quote(path)}`)),
    ]
    if (wrong.length > 0) return wrong
    const { length } = ownKeys()
    return [pass('keys', `${length} of yours in ${folder}, for nobody else to read`)]
  } catch (error) {
    return [failed('keys', error)]
  }
}

function mode(path: string): number {
  return statSync(path).mode
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errno(error) === 'ENOENT') return []
    throw error
  }
}
