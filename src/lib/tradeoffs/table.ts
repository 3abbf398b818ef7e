import type { TransportName } from '../model'

/** One property of the ways in. Every cell is measured by test/cli/tradeoffs.test.ts, on a real container. */
export interface Property {
  readonly id: string
  readonly title: string
  /** By transport: what is so, in a word. */
  readonly cells: Readonly<Record<TransportName, string>>
  readonly why: string
}

const row = (id: string, title: string, cells: string, why: string): Property => {
  const [ssh = '', runc = '', exec = '', nsenter = '', debug = ''] = cells.split(' ')
  return { id, title, cells: { ssh, runc, exec, nsenter, debug }, why }
}

export const properties: readonly Property[] = [
  row(
    'cgroup',
    'enters the control groups',
    'yes yes yes yes yes',
    'nsenter and debug write themselves into them; ssh is started by what is in them',
  ),
  row(
    'seccomp',
    'keeps the seccomp filter',
    'yes yes yes no no',
    'a filter can be handed on by fork only: it cannot be read back and put on',
  ),
  row(
    'capabilities',
    'keeps the capabilities',
    'yes yes yes yes yes',
    'nsenter and debug drop to the bounding set of the first process',
  ),
  row(
    'env',
    'has the image’s environment',
    'yes yes yes yes yes',
    'sshd gives a login its own: docker-bash hands the image’s over',
  ),
  row(
    'user',
    'user and groups as the container’s',
    'no yes yes yes yes',
    'sshd logs in whom it is asked to, with the groups of its files; --group-add is lost',
  ),
  row('label', 'keeps the LSM label', '– – – – –', 'nsenter and debug ask for the first process’s'),
  row(
    'limits',
    'obeys the limit of processes',
    'yes yes yes yes yes',
    'it is counted where the control groups are entered',
  ),
  row(
    'ends',
    'ends with its client, kill -9 too',
    'yes yes yes yes yes',
    'a watchdog for each; plain docker exec and nsenter leave the command running',
  ),
  row(
    'restart',
    'survives an engine’s restart',
    'yes yes no yes yes',
    'exec’s data goes through the engine; with live-restore the container lives on',
  ),
  row(
    'root',
    'needs root on the host',
    'no yes no yes no',
    'debug works from a container beside as well, nsenter from a privileged one if asked: --helper',
  ),
  row(
    'sshd',
    'needs an sshd',
    'yes no no no no',
    'ssh carries its connection over exec where none listens, but one has to be there',
  ),
  row('network', 'needs a network', 'no no no no no', 'ssh without one is carried over exec'),
  row(
    'events',
    'seen in the engine’s events',
    'yes no yes no no',
    'ssh reads the host keys by an exec until they are pinned, and is carried by one where no address serves',
  ),
  row(
    'terminal',
    'a terminal of its own',
    'yes yes yes yes yes',
    'none of them shares the host’s: nothing can be typed into it from inside',
  ),
  row(
    'paused',
    'works when paused',
    'no no no no no',
    'nothing in a frozen control group runs: docker-bash debug --unpause, or --copy',
  ),
  row('hung', 'works when the engine hangs', 'no yes no yes no', 'with --via and the full ID'),
  row('shell', 'a shell where there is none', 'no no no no yes', 'debug brings one along'),
]
