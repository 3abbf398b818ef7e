export function makeBusyboxTar(folder: string): string
export function importBusybox(host: string, tag: string): Promise<void>
export function importDebian(host: string, tag: string, cache: string): Promise<void>
export function importSshd(host: string, tag: string, cache: string): Promise<void>
export function importBare(host: string, tag: string, source: string): Promise<void>
