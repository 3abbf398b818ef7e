import type { Agent as HttpAgent } from 'node:http'
import { DockerBashError } from '../errors'
import { readBounded, whyUnread } from '../files/bounded'
import type { Endpoint, TcpEndpoint } from './endpoint'
import { openSocket } from './in-place'
import type { Connection } from './wire'

/** Makes one connection to an engine. What is wrong with the endpoint's TLS files is thrown, all else is its error. */
export function connectTo(endpoint: Endpoint): Connection {
  switch (endpoint.kind) {
    case 'unix':
      return openSocket({ path: endpoint.path })
    case 'ssh':
      return byStdio().dial(endpoint)
    case 'tcp': {
      const { hostname: host, port, tls } = endpoint
      if (!tls) return openSocket({ host, port, noDelay: true })
      // TLS is a fifth of Node's own start-up; a socket needs none.
      const secure = process.getBuiltinModule('node:tls')
      const { isIP } = process.getBuiltinModule('node:net')
      const servername = isIP(host) ? '' : host
      return secure.connect({ host, port, servername, rejectUnauthorized: tls.verify, ...pemsOf(endpoint) })
    }
  }
}

/**
 * What makes the connections for node:http.
 * @param sshSeconds how long ssh may take to connect
 */
export function agentFor(endpoint: Endpoint, sshSeconds?: number): HttpAgent {
  const { Agent } = process.getBuiltinModule('node:http')
  if (endpoint.kind === 'ssh') {
    return Object.assign(new Agent({ keepAlive: true }), {
      createConnection: () => byStdio().dial(endpoint, sshSeconds),
    })
  }
  if (endpoint.kind === 'tcp' && endpoint.tls) {
    const { Agent: HttpsAgent } = process.getBuiltinModule('node:https')
    return new HttpsAgent({ keepAlive: true, rejectUnauthorized: endpoint.tls.verify, ...pemsOf(endpoint) })
  }
  // No server name: without TLS it is for nothing, and working it out is a regular expression of four milliseconds.
  return new Agent({ keepAlive: true, ...{ servername: '' } })
}

/** Loaded only where ssh leads to the engine: completion has no time for node:child_process. */
function byStdio() {
  return require('./dial-stdio') as typeof import('./dial-stdio')
}

function pemsOf(endpoint: TcpEndpoint) {
  const read = (path: string | undefined) => (path === undefined ? undefined : readBounded(path, { most: 1024 * 1024 }))
  try {
    return { ca: read(endpoint.tls?.ca), cert: read(endpoint.tls?.cert), key: read(endpoint.tls?.key) }
  } catch (cause) {
    throw new DockerBashError(`cannot read the TLS files for ${endpoint.host}: ${whyUnread(cause)}`, {
      hint: 'docker-bash needs ca.pem, cert.pem and key.pem there, readable by you',
      cause,
    })
  }
}

/** Where requests go, in the terms of node:http and of docker-modem. */
export function route(endpoint: Endpoint) {
  switch (endpoint.kind) {
    case 'unix':
      return { socketPath: endpoint.path, protocol: 'http' as const }
    case 'tcp':
      return {
        host: endpoint.hostname,
        port: endpoint.port,
        protocol: endpoint.tls ? ('https' as const) : ('http' as const),
      }
    case 'ssh':
      // The name is for the Host header alone; the agent makes the connection.
      return { host: 'localhost', port: 80, protocol: 'http' as const }
  }
}
