/** Rows in the state TCP_LISTEN of /proc/PID/net/tcp or tcp6; an address as it stands there. */
export function listenersIn(table: string): { address: string; port: number }[] {
  const rows = table.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm)
  return [...rows].map(([, address = '', port = '']) => ({ address, port: Number.parseInt(port, 16) }))
}
