import type { Kind } from '../sftp/packet'
import { withoutSlashes } from './paths'

/** Lists a folder's names. Not there, or not a folder: none. */
export interface Lister {
  names(folder: string): Promise<readonly string[]>
  lstat(path: string): Promise<{ readonly kind: Kind } | undefined>
}

/** Whether a path has `*`, `?` or `[` in it. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path)
}

/** The paths that a pattern means, in order; a dot in front has to be typed. What is there by that very name is itself. */
export async function expand(list: Lister, pattern: string): Promise<string[]> {
  if (await list.lstat(withoutSlashes(pattern) || '/').catch(() => undefined)) return [pattern]
  const parts = pattern.split('/')
  let found = [parts[0]?.match(/[*?[]/) ? '' : (parts.shift() ?? '')]
  let isFirst = found[0] === '' && !pattern.startsWith('/')
  for (const part of parts) {
    const next: string[] = []
    for (const folder of found) {
      const front = isFirst ? '' : `${folder}/`
      if (!isPattern(part)) {
        next.push(`${front}${part}`)
        continue
      }
      const matches = matcher(part)
      const names = await list.names(front === '' ? '.' : front)
      next.push(
        ...names
          .filter(matches)
          .sort()
          .map((name) => `${front}${name}`),
      )
    }
    isFirst = false
    found = next
  }
  const there = await Promise.all(found.map(async (path) => (await list.lstat(path).catch(() => undefined)) && path))
  return there.filter((path) => path !== undefined)
}

/** One name of a pattern, as a shell has it. In time that grows with the name and the pattern, whoever made the name. */
export function matcher(pattern: string): (name: string) => boolean {
  const parts = partsOf(pattern)
  return (name) => fits(parts, name) && (!name.startsWith('.') || pattern.startsWith('.'))
}

/** What one character has to be; `any` is as many as there are. */
type Part = 'any' | ((character: string) => boolean)

function partsOf(pattern: string): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    // A `]` at once, or behind `!`, is one of the set.
    const isNot = /[!^]/.test(pattern[at + 1] ?? '')
    const from = at + (isNot ? 2 : 1)
    const end = character === '[' ? pattern.indexOf(']', from + 1) : -1
    if (character === '*') parts.push('any')
    else if (character === '?') parts.push(() => true)
    else if (end < 0) parts.push((one) => one === character)
    else {
      const set = pattern.slice(from, end)
      parts.push((one) => isIn(set, one) !== isNot)
      at = end
    }
  }
  return parts
}

function isIn(set: string, one: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const first = set[at] ?? ''
    const isRange = set[at + 1] === '-' && at + 2 < set.length
    const last = isRange ? (set[at + 2] ?? '') : first
    if (first <= one && one <= last) return true
    if (isRange) at += 2
  }
  return false
}

function fits(parts: readonly Part[], name: string): boolean {
  let [at, part] = [0, 0]
  // Where the last `any` was, and how far it reaches so far.
  let [star, reached] = [-1, 0]
  while (at < name.length) {
    const one = parts[part]
    if (one === 'any') {
      star = part++
      reached = at
    } else if (one?.(name[at] ?? '')) {
      at++
      part++
    } else if (star >= 0) {
      part = star + 1
      at = ++reached
    } else return false
  }
  while (parts[part] === 'any') part++
  return part === parts.length
}
