export function cacheFolder(): string
export function keep(name: string, recipe: unknown, make: (path: string) => unknown): Promise<string>
