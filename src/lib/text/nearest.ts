/**
 * The names that somebody who typed `word` may have meant, best first: those it is a part of, and those at a small
 * edit distance (a swap of neighbours counts as one edit).
 */
export function nearest(word: string, names: readonly string[], most = 3): string[] {
  const wanted = word.toLowerCase()
  const bound = Math.max(1, Math.floor(wanted.length / 3))
  return names
    .map((name) => ({ name, distance: distanceTo(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name)
}

function distanceTo(wanted: string, name: string): number {
  if (wanted.length >= 3 && name.includes(wanted)) return 0.5
  return editDistance(wanted, name)
}

/** Optimal string alignment distance: insert, delete, replace, swap neighbours, each 1. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
