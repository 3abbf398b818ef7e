import type { HostConfig } from '../engine/types'

/** By the kernel's numbers: linux/capability.h. */
const names = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
]

/** What Docker gives unless told otherwise. */
const usual = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
]

/** @param bits hexadecimal, as in /proc/PID/status */
export function capabilitiesOf(bits: string): string[] {
  const set = BigInt(`0x${bits || '0'}`)
  return names.filter((_, number) => (set >> BigInt(number)) & 1n)
}

/** What a container is given by its settings, where nobody can look. */
export function grantedBy({ Privileged, CapAdd, CapDrop }: HostConfig): string[] {
  if (Privileged) return names
  const plain = (list: string[] | null | undefined) =>
    (list ?? []).map((name) => name.replace(/^CAP_/i, '').toUpperCase())
  const [added, dropped] = [plain(CapAdd), plain(CapDrop)]
  const base = added.includes('ALL') ? names : dropped.includes('ALL') ? [] : usual
  return names.filter((name) => (base.includes(name) && !dropped.includes(name)) || added.includes(name))
}
