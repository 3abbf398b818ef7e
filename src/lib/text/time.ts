/** How long ago a moment (ms since 1970) was, in the largest unit that fits: `3 hours`, `1 minute`. */
export function since(moment: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - moment) / 1000))
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const
  for (const [unit, length] of units) {
    const count = Math.floor(seconds / length)
    if (count > 0) return plural(count, unit)
  }
  return plural(seconds, 'second')
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
