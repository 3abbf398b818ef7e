import text from './probe.sh'

/** Says what it is held by. */
export const probe = text

/** What a process is held by, in texts that can be compared. */
export interface Held {
  readonly cgroup: string
  readonly seccomp: string
  readonly capabilities: string
  readonly user: string
  readonly label: string
}

/** What the probe said; the environment as a shell would set it again. */
export function readProbe(text: string): Held & { readonly env: string } {
  const part = (name: string) =>
    new RegExp(`^== ${name}\\n([\\s\\S]*?)(?=^== |$(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? ''
  return { ...readHeld(part('status'), part('cgroup'), part('attr/current')), env: part('env') }
}

/** The same from the files of a process in /proc. */
export function readHeld(status: string, cgroup: string, label: string): Held {
  const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim() ?? ''
  return {
    cgroup: cgroup.trim(),
    seccomp: field('Seccomp'),
    capabilities: field('CapBnd'),
    user: ['Uid', 'Gid', 'Groups'].map(field).join(' / '),
    label: label.replace(/\0/g, '').trim(),
  }
}

export type Measured = 'cgroup' | 'seccomp' | 'capabilities' | 'env' | 'user' | 'label'

/** @param names of the variables that the image and the container set */
export function judgeProbe(text: string, own: Held, names: readonly string[]): Record<Measured, string> {
  const seen = readProbe(text)
  const same = (key: keyof Held) => (seen[key] === own[key] ? 'yes' : 'no')
  const has = (name: string) => new RegExp(`^(?:export|declare -x) ${name}=`, 'm').test(seen.env)
  return {
    ...{ cgroup: same('cgroup'), seccomp: same('seccomp'), capabilities: same('capabilities'), user: same('user') },
    env: names.filter((name) => /^[A-Za-z_]\w*$/.test(name)).every(has) ? 'yes' : 'no',
    label: own.label === '' ? '–' : same('label'),
  }
}
