/** Whether a word holds a wildcard; container names hold none of these characters. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/** A shell's pattern: `*`, `?`, `[abc]`, `[!a-f]`; it has to fit all of a name. A `[` without its end is itself. */
export function globOf(pattern: string): RegExp {
  const source = pattern.replace(/\*+|\?|\[(!?)((?:\]|[^\]])[^\]]*)\]|[\\^$.|+(){}[\]/]/g, (found, not, set) => {
    if (found.startsWith('*')) return '.*'
    if (found === '?') return '.'
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
    return `\\${found}`
  })
  return new RegExp(`^${source}$`, 'u')
}
