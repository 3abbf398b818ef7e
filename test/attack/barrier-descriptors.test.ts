/** What a container's shell can do with the descriptors that a client's session gives it, before the command is there. */

import { start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'

let client: SshClient
beforeAll(async () => {
  client = await sshClient()
})

const says = 'echo "$3 $$ 0" >&3'

test.each([
  ['says that it goes on, and is gone', `${says}; exit 0`],
  ['says that it goes on, and hangs up', `${says}; exec 3<&- 4<&-; sleep 1; exit 0`],
  ['says more than was asked', `${says}; exec 2>/dev/null; busybox yes >&3 & busybox sleep 1; kill $!; exit 0`],
  ['has files where its pipes were', `exec 0</etc/passwd 4>/tmp/x; ${says}; read -r _ <&3; exit 0`],
])('one that %s: its session ends, and others go on', async (_, script) => {
  const box = await container({ image: 'busybox' })
  const master = `${client.home}/${box.name}`
  const held = start(['-F', client.config, '-M', '-S', master, `${box.name}.docker`, 'echo here; exec sleep 1000'], {
    ...{ program: 'ssh', env: client.env },
  })
  await held.said(/here/)
  const text = `#!/bin/busybox sh\n${script}`
  const replace = `rm /bin/sh; printf '%s\\n' "$0" >/bin/sh; chmod 755 /bin/sh`
  await docker().inside(box.id, ['/bin/busybox', 'sh', '-c', replace, text])
  await client.ssh(box.name, ['cat'], { flags: ['-S', master], input: Buffer.alloc(3_000_000) })
  const { stderr } = await client.ssh(box.name, [], { flags: ['-S', master, '-O', 'check'] })
  expect(stderr).toMatch(/^Master running/)
  await waitForProcess(box.id, /^sleep 1000$/)
  held.kill('SIGTERM')
  await held.ended
})
