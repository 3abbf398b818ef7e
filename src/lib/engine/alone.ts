import { createServer, type Server } from 'node:net'
import { monotonic } from '../clock'

/** How long (ms) others on this host are waited for, who may do the same thing or none. */
const patienceMs = 10_000

/**
 * Does something while nobody else on this host does what has the same name: the name of a socket without a file, which
 * goes with its holder, however that ends. Whoever holds it too long is waited for no more.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const from = monotonic()
  let lock = await hold(name)
  while (lock === 'taken' && monotonic() - from < patienceMs) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    lock = await hold(name)
  }
  try {
    return await work()
  } finally {
    if (typeof lock === 'object') lock.close()
  }
}

/** The lock; undefined where there are no such names. */
function hold(name: string): Promise<Server | 'taken' | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(undefined)
  return new Promise((settle) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'EADDRINUSE' ? 'taken' : undefined))
    server.listen(`\0docker-bash ${name}`, () => settle(server.unref()))
  })
}
