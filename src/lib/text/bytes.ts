const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** A number of bytes, for people: `4.2 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes
  let at = 0
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`
}
