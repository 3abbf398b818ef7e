import { transportNames } from '../model'
import type { Property } from './table'

/** docs/tradeoffs.md. */
export function tradeoffsPage(rows: readonly Property[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    '# What each way in costs',
    '',
    'Written by `test/cli/tradeoffs.test.ts` from what it measured, a check on a real container for every cell, as root',
    'on the host of a Docker Engine. `docker-bash explain --compare TARGET` measures the same for one container.',
    '',
    line(['', ...transportNames]),
    line(['---', ...transportNames.map(() => '---')]),
    ...rows.map(({ title, cells }) => line([title, ...transportNames.map((name) => cells[name])])),
    '',
    '## Why',
    '',
    ...rows.map(({ title, why }) => `- ${title}: ${why}.`),
    '',
    'A dash: there was nothing to measure, such as a label on a host without AppArmor and SELinux.',
    '',
  ].join('\n')
}
