import type { Kind } from '../sftp/packet'

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
  if (await list.lstat(pattern.replace(/(.)\/+$/, '$1')).catch(() => undefined)) return [pattern]
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

/** One name of a pattern, as a shell has it. */
export function matcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[([!^]?)(\]?[^\]]*)\]|[\s\S]/g, (part, not?: string, set?: string) => {
    if (part === '*') return '[^]*'
    if (part === '?') return '[^]'
    if (set) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
    return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  let compiled: RegExp
  try {
    compiled = new RegExp(`^${source}$`)
  } catch {
    // A range from behind: it means nothing.
    return () => false
  }
  return (name) => compiled.test(name) && (!name.startsWith('.') || pattern.startsWith('.'))
}
