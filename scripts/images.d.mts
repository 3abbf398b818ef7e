export const slim: readonly string[]
export function makeBusyboxTar(tar: string): Promise<void>
export function debianTar(name: string, options: readonly string[]): Promise<string>
export function makeSlowTars(): Promise<void>
export function importBusybox(host: string, tag: string): Promise<void>
export function importDebian(host: string, tag: string): Promise<void>
export function importSshd(host: string, tag: string): Promise<void>
export function importBare(host: string, tag: string, source: string): Promise<void>
