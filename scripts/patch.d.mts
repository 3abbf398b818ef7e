export function madeChange(what: string): void
export function patch(path: string, ...changes: ReadonlyArray<readonly [from: string, to: string]>): string
export function requireChanges(wanted: readonly string[]): void
