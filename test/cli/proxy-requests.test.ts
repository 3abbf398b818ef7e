/**
 * Requests that OpenSSH's client sends only at a keyboard, or never: by ssh2's client on the streams of `docker-bash proxy`;
 * what is refused; and a proxy of somebody who is not root on the engine's host.
 */
import { Duplex } from 'node:stream'
import { Client, type ClientChannel } from 'ssh2'
import { start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { lostVolumes, nothingLeft } from '../support/debug'
import { scratch } from '../support/engine'
import { configOfNobody } from '../support/nobody'
import { waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { askAgent, listensAndCancels } from '../support/ssh-requests'
import { sshdContainer } from '../support/sshd'
import { until } from '../support/until'

let client: SshClient
let box: Container
beforeAll(async () => {
  client = await sshClient()
  box = await container({ image: 'debian' })
})

/** A connection of ssh2's client, for as long as `work` takes. */
async function connected<T>(work: (connection: Client) => Promise<T>, words = [box.name]): Promise<T> {
  const proxy = start(['proxy', ...words], { env: client.env, input: 'open', collect: false })
  const connection = new Client()
  const ready = new Promise<void>((settle, reject) => connection.once('ready', settle).once('error', reject))
  const sock = Duplex.from({ readable: proxy.stdout, writable: proxy.stdin })
  connection.connect({ sock, username: 'docker-bash' })
  try {
    await ready
    return await work(connection)
  } finally {
    connection.end()
    await proxy.ended
  }
}

interface Begun {
  readonly channel: ClientChannel
  text(): string
  readonly ended: Promise<unknown[]>
}

function begin(connection: Client, command: string, options: object = {}): Promise<Begun> {
  return new Promise((settle, reject) =>
    connection.exec(command, options, (error: Error | undefined, channel) => {
      if (error) return reject(error)
      let text = ''
      channel.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
      })
      const ended = new Promise<unknown[]>((over) => {
        let words: unknown[] = []
        channel.on('exit', (...all: unknown[]) => {
          words = all
        })
        channel.on('close', () => over(words))
      })
      settle({ channel, text: () => text, ended })
    }),
  )
}

describe.each(['as it is', 'with tools brought along'])('%s', (how) => {
  let inside: Container
  let words: string[]
  beforeAll(async () => {
    const isBare = how !== 'as it is'
    inside = isBare ? await container({ image: 'bare' }) : box
    words = isBare ? ['--via', 'debug', inside.name] : [inside.name]
  })

  test('a new size reaches the terminal', async () => {
    await connected(async (connection) => {
      const pty = { rows: 20, cols: 70 }
      const command = `trap 'stty size; exit 4' WINCH; stty size; echo ready; while :; do sleep 0.05; done`
      const { channel, text, ended } = await begin(connection, command, { pty })
      await until(() => text().includes('ready'), 20_000, text)
      channel.setWindow(33, 101, 0, 0)
      expect((await ended)[0]).toBe(4)
      expect(text()).toBe('20 70\r\nready\r\n33 101\r\n')
    }, words)
  })

  test('a signal reaches the command', async () => {
    await connected(async (connection) => {
      const { channel, text, ended } = await begin(
        connection,
        `trap 'echo got it; exit 5' USR1; echo ready; while :; do sleep 0.05; done`,
      )
      await until(() => text().includes('ready'), 20_000, text)
      channel.signal('USR1')
      expect((await ended)[0]).toBe(5)
      expect(text()).toBe('ready\ngot it\n')
    }, words)
  })

  test('a signal that ends the command is in its code', async () => {
    await connected(async (connection) => {
      const { channel, ended } = await begin(connection, 'exec sleep 4242')
      await waitForProcess(inside.id, /^sleep 4242$/, 20_000)
      channel.signal('TERM')
      expect((await ended)[0]).toBe(143)
    }, words)
  })
})

test('listeners in it go when they are cancelled; the connection goes on', async () => {
  const control = `-o ControlPath=${client.home}/cancel`
  const flags = `-F $cfg ${control} ${box.name}.docker`
  expect(await listensAndCancels(client, flags)).toEqual(['1', 'socket', '0', ''])
})

test('-A: the client’s agent, by a socket of the session’s user that goes with it; no display', async () => {
  const line = [
    'eval $(ssh-agent) >/dev/null',
    `DISPLAY=:9 ssh -AX -F $cfg nobody@${box.name}.docker '${askAgent}; echo "<$DISPLAY>"'`,
    `ssh -F $cfg ${box.name}.docker 'echo "<$SSH_AUTH_SOCK>"; ls /tmp'`,
    'ssh-agent -k >/dev/null',
  ].join('\n')
  expect((await client.line(line)).stdout.toString()).toBe('0c\n600 nobody\n700 nobody\n<>\n<>\n')
})

test('who is not root on the host: tools by a container beside one without a shell, which goes with the session', async () => {
  const bare = await container({ image: 'bare' })
  const before = await lostVolumes()
  const config = configOfNobody()
  const { stdout, stderr } = await client.line(
    [
      `ssh -F ${config} ${bare.name} 'cat; ls /bare; exit 6' </etc/hostname | cmp - <(cat /etc/hostname; echo /bare)`,
      `ssh -F ${config} ${bare.name} 'kill -9 $$'; echo $?`,
      `ssh -tt -F ${config} ${bare.name} 'stty size; test -t 0 && echo yes; exit 7' </dev/null; echo $?`,
    ].join('\n'),
    { cwd: scratch('nobody-tools') },
  )
  expect(stdout.toString()).toMatch(/^137\n24 80\r\nyes\r\n7\n$/)
  expect(stderr).toMatch(`${bare.name} has no shell: tools are brought along`)
  await nothingLeft(bare.id, before)
})

test('who is not root on the host: sessions and files', async () => {
  const web = await sshdContainer()
  const config = configOfNobody()
  const { code, stdout } = await client.line(
    [
      `ssh -F ${config} ${web.name} 'id -un; exit 6'; echo $?`,
      `echo here > here; scp -q -F ${config} here ${web.name}:/tmp/there; ssh -F ${config} ${web.name} cat /tmp/there`,
    ].join('\n'),
    { cwd: scratch('nobody-files') },
  )
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'root\n6\nhere\n' })
})
