/** A container whose port 2222 answers by a faulty server of ours, with the host key that its files speak of. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Container } from './containers'
import { docker } from './docker-api'
import { root, scratch } from './engine'
import { sshdContainer } from './sshd'
import { until } from './until'

export interface Faulty extends Container {
  /** Resolves once it was asked to run so many commands. */
  asked(commands: number): Promise<unknown>
}

export async function faultySshd(fault: 'silent' | 'out' | 'err' | 'code', code = 0): Promise<Faulty> {
  const key = join(scratch('host-key'), 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const half = readFileSync(`${key}.pub`, 'utf8').trim()
  const before = `rm /etc/ssh/ssh_host_*.pub; echo '${half}' >/etc/ssh/ssh_host_ed25519_key.pub; echo Port 2222 >>/etc/ssh/sshd_config`
  const made = await sshdContainer({ serve: false, before })
  const { Pid } = (await docker().inspect(made.id)).State
  const program = join(root, 'test', 'fixtures', 'faulty-sshd.cjs')
  const words = [`--net=/proc/${Pid}/ns/net`, process.execPath, program, fault, key, made.id, String(code)]
  const child = spawn('nsenter', words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DOCKER_HOST: docker().host },
  })
  serving.push(child)
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk))
  const count = (word: string) => said.split(word).length - 1
  await until(
    () => count('listening') === 1,
    10_000,
    () => said,
  )
  return {
    ...made,
    asked: (commands) =>
      until(
        () => count('exec') >= commands,
        20_000,
        () => said,
      ),
  }
}

const serving: ChildProcess[] = []
afterAll(() => {
  for (const child of serving) child.kill()
})
