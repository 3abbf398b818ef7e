export function faults(files: Readonly<Record<string, string>>): string[]
export function sourcesIn(root: string): Record<string, string>
