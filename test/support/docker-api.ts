/** The engine's API for tests, typed as far as they look, so that they do not depend on the code they test. */
import { call, request } from '../../scripts/engine-http.mjs'
import { sharedEngine } from './engine'

export interface Inspected {
  Id: string
  /** With a slash before it. */
  Name: string
  Created: string
  RestartCount: number
  State: {
    Status: string
    Running: boolean
    Paused: boolean
    Pid: number
    ExitCode: number
    OOMKilled: boolean
    StartedAt: string
    FinishedAt: string
  }
  Config: { User: string; Env: string[] | null; Labels: Record<string, string>; Image: string }
  HostConfig: {
    CapAdd: string[] | null
    CapDrop: string[] | null
    PidMode: string
    ReadonlyRootfs: boolean
    SecurityOpt: string[] | null
    LogConfig: { Type: string }
  }
  NetworkSettings: { Networks: Record<string, { IPAddress: string; GlobalIPv6Address: string }> }
  ExecIDs: string[] | null
}

export interface Listed {
  Id: string
  Names: string[]
  State: string
  Created: number
}

export interface Inside {
  code: number
  stdout: string
  stderr: string
}

export type Verb = 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause'

/** `host` is an engine's; left out, the shared one's. Every call rejects with the engine's own words. */
export function docker(host = sharedEngine().host) {
  const inspect = async (id: string) => (await call(host, 'GET', `/containers/${id}/json`)) as Inspected
  return {
    host,
    inspect,
    list: async (query = 'all=1') => (await call(host, 'GET', `/containers/json?${query}`)) as Listed[],
    create: async (name: string, body: object) =>
      ((await call(host, 'POST', `/containers/create?name=${name}`, { body })) as { Id: string }).Id,
    act: async (verb: Verb, id: string, query = '') => {
      await call(host, 'POST', `/containers/${id}/${verb}?${query}`)
    },
    /** With its volumes, running or not; no error if it is gone. */
    remove: async (id: string) => {
      const { status, text } = await request(host, 'DELETE', `/containers/${id}?force=1&v=1`)
      if (status >= 400 && status !== 404 && status !== 409) throw new Error(`cannot remove ${id}: ${text}`)
    },
    /** The exit code, once the container has ended. */
    wait: async (id: string) =>
      ((await call(host, 'POST', `/containers/${id}/wait`)) as { StatusCode: number }).StatusCode,
    /** Runs a command inside and collects what it says. */
    inside: async (id: string, command: string[], user = ''): Promise<Inside> => {
      const body = { Cmd: command, AttachStdout: true, AttachStderr: true, User: user }
      const { Id } = (await call(host, 'POST', `/containers/${id}/exec`, { body })) as { Id: string }
      const { bytes } = await request(host, 'POST', `/exec/${Id}/start`, { body: { Detach: false, Tty: false } })
      const { ExitCode } = (await call(host, 'GET', `/exec/${Id}/json`)) as { ExitCode: number }
      return { code: ExitCode, stdout: demultiplex(bytes, 1), stderr: demultiplex(bytes, 2) }
    },
    /** What a container without a terminal has written so far, both streams in one. */
    logs: async (id: string) => {
      const { bytes } = await request(host, 'GET', `/containers/${id}/logs?stdout=1&stderr=1`)
      return demultiplex(bytes, 1) + demultiplex(bytes, 2)
    },
    hasImage: async (tag: string) => (await request(host, 'GET', `/images/${tag}/json`)).status === 200,
    call: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
      call(host, method, path, body ? { body } : {}),
  }
}

export type Docker = ReturnType<typeof docker>

/** Frames of the engine's stream: one byte the stream, three unused, four the length, then as many bytes. */
function demultiplex(bytes: Buffer, stream: 1 | 2): string {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4)
    if (bytes[at] === stream) parts.push(bytes.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts).toString()
}
