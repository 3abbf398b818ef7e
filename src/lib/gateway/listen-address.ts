import { once } from 'node:events'
import { createServer, isIP, type Server } from 'node:net'
import { DockerBashError } from '../errors'
import { explainListen } from './listen-errors'

/** Where to listen, by TCP. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const loopback = '127.0.0.1'

/**
 * Reads `[ADDRESS:]PORT`. Without an address it is the loopback's: others come in only where one is typed.
 * @throws DockerBashError when it is neither
 */
export function parseListen(text: string): ListenAddress {
  const found = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text)
  const name = found?.[1] ?? found?.[2] ?? loopback
  const host = name === 'localhost' ? loopback : name
  const port = Number(found?.[3])
  if (!found || port > 65535 || isIP(host) === 0) {
    throw new DockerBashError(`invalid address "${text}" for --listen`, {
      hint: 'write ADDRESS:PORT or PORT: 127.0.0.1:2222, [::1]:2222, 0.0.0.0:2222 for every address',
    })
  }
  return { host, port }
}

/** @throws DockerBashError when it cannot be listened at */
export async function listenAt({ host, port }: ListenAddress): Promise<Server> {
  const server = createServer()
  try {
    server.listen({ host, port, backlog: 511 })
    await once(server, 'listening')
    return server
  } catch (error) {
    throw explainListen(error, addressText(host, port))
  }
}

/** Sockets that systemd listens at for us. @param count of them, from descriptor 3 on */
export async function listenAtGiven(count: number): Promise<Server[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const server = createServer()
      try {
        server.listen({ fd: 3 + at })
        await once(server, 'listening')
        return server
      } catch (error) {
        throw explainListen(error, `descriptor ${3 + at}`)
      }
    }),
  )
}

/** How many sockets systemd hands on to this process (sd_listen_fds(3)); 0 for none. What says so is taken away. */
export function givenSockets(env: NodeJS.ProcessEnv, pid = process.pid): number {
  const { LISTEN_PID: whose, LISTEN_FDS: count } = env
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name]
  return whose === String(pid) && /^[1-9]\d?$/.test(count ?? '') ? Number(count) : 0
}

/** `127.0.0.1:2222`, `[::1]:2222`, a path */
export function whereOf(server: Server): string {
  const address = server.address()
  if (address === null) return 'nowhere'
  return typeof address === 'string' ? address : addressText(address.address, address.port)
}

function addressText(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** What a client's known_hosts calls an address: the port is named where it is not SSH's own; every address is `*`. */
export function knownAs({ host, port }: ListenAddress): string {
  const name = host === '0.0.0.0' || host === '::' ? '*' : host
  return port === 22 ? name : `[${name}]:${port}`
}
