export interface Column {
  readonly head: string
  /** It may be cut down to as many characters, to less when nothing else helps; absent: never cut. */
  readonly least?: number
  /** Where it is cut; default: its end. An image's name differs most at its end. */
  readonly cut?: 'start' | 'end'
  /** When there is still no room it is left out, the highest first; absent: never. */
  readonly leaveOut?: number
}

/**
 * Rows in columns, two blanks between, in a width that holds if it can: wide columns are cut, the widest first, then
 * the least important left out. Cells must be safe to print, and one place wide a character.
 * @param width in characters; undefined: no bound
 * @returns the lines, the head first
 */
export function fitted(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string[] {
  const shown = columns.map((column, index) => ({ ...column, index }))
  const natural = columns.map(({ head }, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)))
  for (let least: number | undefined; ; ) {
    const widths = cutDown(shown, natural, width, least)
    const total = widths.reduce((sum, one) => sum + one, 0) + 2 * (shown.length - 1)
    const victim = shown.filter(({ leaveOut }) => leaveOut !== undefined).sort(byImportance)[0]
    if (width !== undefined && total > width && victim) {
      shown.splice(shown.indexOf(victim), 1)
      continue
    }
    if (width !== undefined && total > width && least === undefined) {
      least = 4
      continue
    }
    const line = (cellOf: (column: (typeof shown)[number]) => string) =>
      shown
        .map((column, at) => clip(cellOf(column), widths[at] ?? 0, column.cut).padEnd(widths[at] ?? 0))
        .join('  ')
        .slice(0, width)
        .trimEnd()
    return [line(({ head }) => head), ...rows.map((row) => line(({ index }) => row[index] ?? ''))]
  }
}

function byImportance(a: Column, b: Column): number {
  return (b.leaveOut ?? 0) - (a.leaveOut ?? 0)
}

function cutDown(
  shown: readonly (Column & { readonly index: number })[],
  natural: readonly number[],
  width: number | undefined,
  atLeast: number | undefined,
): number[] {
  const widths = shown.map(({ index }) => natural[index] ?? 0)
  if (width === undefined) return widths
  let over = widths.reduce((sum, one) => sum + one, 0) + 2 * (shown.length - 1) - width
  while (over > 0) {
    const room = shown.map(({ least }, at) =>
      least !== undefined && (widths[at] ?? 0) > (atLeast ?? least) ? (widths[at] ?? 0) : 0,
    )
    const widest = room.indexOf(Math.max(...room))
    if (!room[widest]) break
    widths[widest] = (widths[widest] ?? 0) - 1
    over--
  }
  return widths
}

/** At most as many characters, with a sign of what was cut. */
export function clip(text: string, width: number, cut: Column['cut'] = 'end'): string {
  if (text.length <= width) return text
  if (width < 1) return ''
  return cut === 'end' ? `${text.slice(0, width - 1)}…` : `…${text.slice(text.length - width + 1)}`
}
