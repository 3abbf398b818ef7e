import { readFile } from 'node:fs/promises'
import { isIPv4, type Socket } from 'node:net'
import { endianness } from 'node:os'
import type { Target } from '../model'
import { firstProcess } from './members'

/**
 * Whether a connection of ours ends in a container's own network, by the kernel's list there. A neighbour that took the
 * address (ARP is believed by everybody) has the other end in a network of its own.
 * @returns undefined when nobody here can say: we are not root on the engine's host, or the container's network is not
 * the kernel's (gVisor, a VM)
 */
export async function endsInside(target: Target, socket: Socket): Promise<boolean | undefined> {
  const pid = firstProcess(target)
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (pid === undefined || !localAddress || !localPort || !remoteAddress || !remotePort) return undefined
  const lists = await Promise.all(['tcp', 'tcp6'].map((name) => list(pid, name)))
  const lines = lists.flatMap((text) => text.split('\n'))
  const port = `:${hex(remotePort, 4)}`
  const isListening = lines.some((line) => {
    const [, local = '', , state] = line.trim().split(/ +/, 4)
    return state === '0A' && local.endsWith(port)
  })
  const ends = spellings(remoteAddress).map(
    (there, index) => ` ${there}${port} ${spellings(localAddress)[index]}:${hex(localPort, 4)} `,
  )
  if (lines.some((line) => ends.some((end) => line.includes(end)))) return true
  return isListening ? false : undefined
}

async function list(pid: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/net/${name}`, 'latin1')
  } catch {
    // A kernel without IPv6.
    return ''
  }
}

/** An address as the kernel prints it: 32 bits at a time, each in the machine's own order; one of IPv4 also as IPv6. */
function spellings(address: string): string[] {
  if (isIPv4(address)) {
    const own = words(address.split('.').map(Number))
    return [own, `${words([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255])}${own}`]
  }
  const plain = address.split('%')[0] ?? ''
  const [head = '', tail] = plain.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [])
  const [first, last] = [groups(head), groups(tail)]
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last]
  return [words(all.flatMap((group) => [group >> 8, group & 255]))]
}

function words(bytes: readonly number[]): string {
  const isLittle = endianness() === 'LE'
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4)
    text += (isLittle ? word.reverse() : word).map((byte) => hex(byte, 2)).join('')
  }
  return text
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0')
}
