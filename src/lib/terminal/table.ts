import { safe } from '../text/escape-controls'
import { type CutAt, cut, padded, widthOf } from './width'

/** How a column gives way where a line has no room. */
export interface Column {
  /** It may be cut down to as many columns of the terminal, to less when nothing else helps; absent: never cut. */
  readonly least?: number
  /** Where it is cut; default: its end. An image's name differs most at its end. */
  readonly cut?: CutAt
  /** When there is still no room it is left out, the highest first; absent: never. */
  readonly leaveOut?: number
}

export interface HeadedColumn extends Column {
  readonly head: string
}

/** A table with a head as lines to print, each cell made safe. */
export function table(
  columns: readonly (string | HeadedColumn)[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  const headed = columns.map((column) => (typeof column === 'string' ? { head: column } : column))
  const cells = [headed.map(({ head }) => head), ...rows].map((row) => row.map(safe))
  return inColumns(cells, headed, width)
    .map((line) => `${line}\n`)
    .join('')
}

/**
 * Rows in columns as wide as their widest cell, two blanks between, in a width that holds if it can: wide columns are
 * cut, the widest first, then the least important left out. Cells must be safe to print. Lines end without blanks.
 * @param columns from the first on; those that are not named are never cut
 * @param width in columns of the terminal; undefined: no bound
 */
export function inColumns(
  rows: readonly (readonly string[])[],
  columns: readonly Column[] = [],
  width?: number,
): string[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const all = Array.from({ length: count }, (_, index) => ({ ...columns[index], index }))
  const natural = all.map(({ index }) => rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), 0))
  const shown = shownOf(all, natural, width)
  return rows.map((row) => {
    const cells = shown.map(({ index, cut: at, room }) => padded(cut(row[index] ?? '', room, at), room))
    const line = cells.join('  ')
    return (width === undefined ? line : cut(line, width, 'end', '')).trimEnd()
  })
}

interface Indexed extends Column {
  readonly index: number
}

/** The columns that stay, each with its room. */
function shownOf(
  all: readonly Indexed[],
  natural: readonly number[],
  width: number | undefined,
): (Indexed & { room: number })[] {
  const shown = [...all]
  for (let least: number | undefined; ; ) {
    const rooms = cutDown(shown, natural, width, least)
    const isTooWide = width !== undefined && totalOf(rooms) > width
    const victim = shown.filter(({ leaveOut }) => leaveOut !== undefined).sort(byImportance)[0]
    if (isTooWide && victim) shown.splice(shown.indexOf(victim), 1)
    else if (isTooWide && least === undefined) least = 4
    else return shown.map((column, at) => ({ ...column, room: rooms[at] ?? 0 }))
  }
}

function byImportance(a: Column, b: Column): number {
  return (b.leaveOut ?? 0) - (a.leaveOut ?? 0)
}

function cutDown(
  shown: readonly Indexed[],
  natural: readonly number[],
  width: number | undefined,
  atLeast: number | undefined,
): number[] {
  const rooms = shown.map(({ index }) => natural[index] ?? 0)
  if (width === undefined) return rooms
  for (let over = totalOf(rooms) - width; over > 0; over--) {
    const spare = shown.map(({ least }, at) =>
      least !== undefined && (rooms[at] ?? 0) > (atLeast ?? least) ? (rooms[at] ?? 0) : 0,
    )
    const widest = spare.indexOf(Math.max(...spare))
    if (!spare[widest]) break
    rooms[widest] = (rooms[widest] ?? 0) - 1
  }
  return rooms
}

function totalOf(rooms: readonly number[]): number {
  return rooms.reduce((sum, room) => sum + room, 0) + 2 * (rooms.length - 1)
}
