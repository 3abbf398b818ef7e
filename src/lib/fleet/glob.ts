/** Whether a word holds a wildcard; container names hold none of these characters. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/**
 * A shell's pattern: `*`, `?`, `[abc]`, `[!a-f]`; it has to fit all of a name. A `[` without its end is itself.
 *
 * What stands between two stars is taken where it first fits and not looked for again, in a group that is not gone back
 * into: names are anybody's, and `*a*a*a*b` would take hours for some.
 */
export function globOf(pattern: string): RegExp {
  const source = pattern.replace(/\*+|\?|\[(!?)(.[^\]]{0,255})\]|[\\^$.|+(){}[\]/]/gs, (found, not, set) => {
    if (found.startsWith('*')) return '\0'
    if (found === '?') return '.'
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
    return `\\${found}`
  })
  const [first = '', ...more] = source.split('\0')
  const last = more.pop()
  const middle = more.map((one, index) => `(?=(.*?${one}))\\${index + 1}`)
  return new RegExp(`^${first}${middle.join('')}${last === undefined ? '' : `.*${last}`}$`, 'us')
}
