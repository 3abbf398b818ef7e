/** The newest whose flag is known to be there: one that does not have it says so on stderr. */
const newestKnown = 13

/**
 * Keeps V8's space for young objects as small as it is now. V8 doubles it, up to 32 MiB, when much outlives a
 * collection, as the names of many files do, and never gives it back while we are busy.
 */
export function keepYoungSpaceSmall(): void {
  setGrowth(1)
}

/** As V8 has it by itself: code that it keeps under other flags is not taken by the next run. */
export function letYoungSpaceGrow(): void {
  setGrowth(2)
}

function setGrowth(factor: number): void {
  if (Number.parseInt(process.versions.v8, 10) > newestKnown) return
  // Few runs are in need of it.
  process.getBuiltinModule('node:v8').setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}
