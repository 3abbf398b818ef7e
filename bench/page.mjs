// The tables, as people read them.

export function resultTable(results) {
  return table(
    ['what', 'beside', 'ratio', 'at most', 'aim', '', 'ours', 'theirs', 'spread', 'runs'],
    results.map(resultCells),
  )
}

export function resultCells({ what, beside, ratio, atMost, aim, ours, theirs, runs }) {
  const spread = Math.max(ours.spread, theirs.spread)
  return [
    ...[what, beside.replaceAll('|', '\\|'), ratio.toFixed(2), limit(atMost), limit(aim), verdict(ratio, atMost, aim)],
    ...[ms(ours.median * 1000), ms(theirs.median * 1000), `± ${(spread * 50).toFixed(0)} %`, runs],
  ]
}

export function memoryTable(peaks) {
  return table(
    ['what', 'peak, MB', 'at most', 'aim', ''],
    peaks.map(({ what, peak }) => [what, peak.toFixed(0), 90, 60, verdict(peak, 90, 60)]),
  )
}

export function numbers(heads, rows) {
  return table(
    heads,
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? short(cell) : cell))),
  )
}

export function table(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('')
}

function verdict(value, atMost, aim) {
  if (atMost === undefined) return ''
  if (value <= aim) return 'aim'
  return value <= atMost ? 'pass' : 'short'
}

function limit(value) {
  return value === undefined ? '' : Number(value.toFixed(2))
}

function ms(value) {
  return value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(0)} ms`
}

function short(value) {
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
