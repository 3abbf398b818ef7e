/** The shared engine behind a plain TCP port of the tests' own loopback, as a remote one is: its addresses are not ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { sharedEngine } from './engine'
import { within } from './environment'

const program = `
  const net = require('node:net')
  net.createServer({ allowHalfOpen: true }, (one) => {
    const other = net.connect({ path: process.argv[1], allowHalfOpen: true })
    one.pipe(other).pipe(one)
    one.on('error', () => other.destroy())
    other.on('error', () => one.destroy())
  }).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))
`

/** Serves until the file's last test. */
export function engineAtPort(port: number): void {
  let child: ReturnType<typeof spawn> | undefined
  beforeAll(async () => {
    const place = sharedEngine()
    const [command = '', ...words] = within(place, [
      process.execPath,
      '-e',
      program,
      place.host.replace('unix://', ''),
      String(port),
    ])
    child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.stdout) await once(child.stdout, 'data')
  })
  afterAll(() => {
    child?.kill()
  })
}
