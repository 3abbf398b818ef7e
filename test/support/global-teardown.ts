/** After all tests: ends what global-setup.ts started. */

// jest loads the two files as separate modules of one process.
const shared = globalThis as { dockerBashTeardown?: Array<() => Promise<void>> }

export function atTeardown(end: () => Promise<void>): void {
  shared.dockerBashTeardown ??= []
  shared.dockerBashTeardown.push(end)
}

export default async function globalTeardown(): Promise<void> {
  for (const end of shared.dockerBashTeardown ?? []) await end()
}
