import type { Candidate } from './candidates'
import { fingerprint } from './fingerprint'
import type { Login } from './login'
import type { OpenRoad } from './routes'

/** A login that takes longer than this (ms) deserves an explanation. */
const slow = 1500

/** Where the login's time went, for `-v`; with the usual causes, when it was long. Milliseconds. */
export function timing(
  { road, took }: OpenRoad,
  login: Login['took'],
  session: number,
  { from, public: half }: Candidate,
): string[] {
  const steps = [
    ['connect', took.connect],
    ['first line', took.banner],
    ['key exchange', login.keyExchange],
    ['authentication', login.authentication],
    ['session start', session],
  ] as const
  const by = { address: 'its address', published: 'a published port', exec: 'an exec' }[road.name]
  const lines = [
    `by ${by} (${road.where}) with the key of ${from} (${fingerprint(half.blob)})`,
    `login: ${steps.map(([name, time]) => `${name} ${time < 10 ? time.toFixed(1) : Math.round(time)} ms`).join(', ')}`,
  ]
  const [longest, time] = steps.reduce((a, b) => (b[1] > a[1] ? b : a))
  if (time > slow) lines.push(`slow at ${longest}: ${causes[longest]}`)
  return lines
}

const causes = {
  connect: 'an overloaded bridge or host drops the first packets',
  'first line':
    'sshd starts slowly: MaxStartups is reached, the container’s CPU limit is tight, or it waits for entropy',
  'key exchange': 'the container’s CPU limit is tight, or sshd waits for entropy',
  authentication:
    'usually UseDNS looking up our address, or a PAM module (pam_systemd, pam_ldap) waiting for a service that is not there',
  'session start': 'usually PAM and its motd scripts, or what the login shell reads (~/.bashrc, ~/.ssh/rc)',
} as const
