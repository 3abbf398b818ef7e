/** The program that carries sockets, by this host's perl. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { count, frame, framesIn, verbs } from '../../../src/lib/sockets/carrier-frames'
import { carrierScript } from '../../../src/lib/sockets/carrier-script'

/** In bytes: no more than the kernel's buffers of a connection hold by far. */
const many = 32 * 1024 * 1024

test('what was sent before a connection is closed comes, to one that does not read yet', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const program = spawn('perl', ['-e', carrierScript, process.arch, ''], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const said: string[] = []
    let heard: () => void = () => undefined
    const has = async (word: string) => {
      while (!said.includes(word)) await new Promise<void>((more) => (heard = more))
    }
    const take = framesIn((number, verb) => {
      said.push(`${number}${verb}`)
      heard()
    })
    program.stdout.on('data', take)
    const accepted = once(server, 'connection') as Promise<[Socket]>
    program.stdin.write(frame(1, verbs.ask, Buffer.from(`connect ipv4 7f000001 ${port}`)))
    await has('1O')
    const piece = Buffer.alloc(65_536)
    for (let left = many; left > 0; left -= piece.length) program.stdin.write(frame(1, verbs.data, piece))
    for (const verb of [verbs.end, verbs.close]) program.stdin.write(frame(1, verb))
    // Answered in order.
    program.stdin.write(frame(2, verbs.listeners, count(0)))
    await has('2Q')
    const [socket] = await accepted
    let bytes = 0
    socket.on('data', ({ length }: Buffer) => (bytes += length)).resume()
    await once(socket, 'end')
    expect(bytes).toBe(many)
  } finally {
    program.kill('SIGKILL')
    server.close()
  }
})
