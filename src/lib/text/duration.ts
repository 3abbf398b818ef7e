import { DockerBashError } from '../errors'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * A time as people write it: `30s`, `1m30s`, `1.5h`, `200ms`; a number alone is seconds, as for timeout(1).
 * @returns milliseconds, more than none and less than 24 days (what a timer can hold)
 */
export function parseDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|$)/gy)]
  const isWhole = parts.map(([part]) => part).join('') === text && (parts.length === 1 || !/\d$/.test(text))
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit || 's'] ?? 0), 0)
  if (!isWhole || total < 1 || total >= 2 ** 31) {
    throw new DockerBashError(`invalid duration "${text}" for ${flag}`, {
      hint: 'use numbers with units: 500ms, 30s, 5m or 1h30m',
    })
  }
  return total
}
