export interface HostProcess {
  pid: number
  ppid: number
  /** One letter, as in /proc/PID/stat. */
  state: string
  args: string[]
}

export function processes(): HostProcess[]
export function readProcess(pid: number): HostProcess | undefined
export function ended(pid: number): boolean
export function endProcess(pid: number, signal: NodeJS.Signals | 0, timeoutMs: number): Promise<boolean>
