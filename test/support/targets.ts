/** Targets and requests as they are found, for what is judged without an engine. */
import { notLooked, type Probed, type Request } from '../../src/lib/model'

/** A running container, of which nobody has looked at more than its inspection. */
export function target(more: Partial<Probed> = {}): Probed {
  return {
    id: 'f'.repeat(64),
    name: 'web',
    image: 'nginx',
    pid: 4711,
    local: true,
    state: 'running',
    user: '',
    workdir: '',
    env: [],
    labels: {},
    addresses: [],
    published: [],
    runtime: notLooked,
    onHost: notLooked,
    shells: notLooked,
    sshd: notLooked,
    ...more,
  }
}

export function request(more: Partial<Request> = {}): Request {
  return { command: ['true'], env: [], tty: false, stdin: false, ...more }
}
