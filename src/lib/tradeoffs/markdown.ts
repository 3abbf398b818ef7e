import { transportNames } from '../model'
import type { Property } from './table'

/** docs/tradeoffs.md. */
export function tradeoffsPage(rows: readonly Property[]): string {
  const cells = [
    ['', ...transportNames],
    ...rows.map((row) => [row.title, ...transportNames.map((via) => row.cells[via])]),
  ]
  const widths = ['', ...transportNames].map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  const [head = [], ...body] = cells
  return [
    '# What each way in costs',
    '',
    'Written by `test/cli/tradeoffs.test.ts` from what it measured, a check on a real container for every cell, as root',
    'on the host of a Docker Engine. `docker-bash explain --compare TARGET` measures the same for one container.',
    '',
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map((row) => line(row)),
    '',
    '## Why',
    '',
    ...rows.map(({ title, why }) => `- ${title}: ${why}.`),
    '',
    'A dash: there was nothing to measure, such as a label on a host without AppArmor and SELinux.',
    '',
  ].join('\n')
}
