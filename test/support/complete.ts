/** Asks what a line may become, as a shell does. */
import { type RunOptions, run } from './cli'

/** cobra's directives. */
export const nothing = 4
export const files = 0
export const folders = 16
export const noSpace = 2

/** The candidates with and without what they are, and the directive. */
export async function complete(words: readonly string[], options: RunOptions = {}) {
  const { code, stdout, stderr } = await run(['__complete', ...words], options)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.toString().trimEnd().split('\n')
  const directive = Number(/^:(\d+)$/.exec(lines.pop() ?? '')?.[1])
  return { words: lines.map((line) => line.split('\t')[0]), lines, directive }
}
