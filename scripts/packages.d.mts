export class Trouble extends Error {
  constructor(message: string, hint: string)
  hint: string
}
export function findProgram(name: string): string | undefined
export function ensurePackages(programs: Record<string, string>, log?: (line: string) => void): string[]
