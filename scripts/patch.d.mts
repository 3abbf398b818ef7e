export function madeChange(what: string): void
export function patch(path: string, from: string, to: string): string
export function requireChanges(wanted: readonly string[]): void
