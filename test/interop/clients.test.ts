/** Clients that bring much along: for `npm run interop` alone. The others are in test/cli/proxy-clients.test.ts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { type Container, container } from '../support/containers'
import { root } from '../support/engine'
import { type SshClient, sshClient } from '../support/ssh-client'

let client: SshClient
/** This machine's programs are Debian's, too: Python and git are in it. */
let box: Container
beforeAll(async () => {
  client = await sshClient()
  box = await container({ image: 'debian', hostConfig: { Binds: ['/usr:/usr:ro'] } })
})

const line = async (text: string) => {
  const { code, stdout, stderr } = await client.line(text, { timeoutMs: 120_000 })
  return { code, stdout: stdout.toString(), stderr }
}

// 40 MB of packages.
test('Ansible: ping, copy, template; the second time nothing is changed', async () => {
  ensurePackages({ ansible: 'ansible-core' })
  const folder = join(client.home, 'ansible')
  mkdirSync(folder)
  writeFileSync(join(folder, 'hosts'), `${box.name}.docker ansible_python_interpreter=/usr/bin/python3\n`)
  writeFileSync(join(folder, 'page.j2'), 'of {{ ansible_user_id }}, {{ 6 * 7 }}\n')
  writeFileSync(
    join(folder, 'play.yml'),
    JSON.stringify([
      {
        hosts: 'all',
        tasks: [
          { ping: {} },
          { copy: { src: 'hosts', dest: '/srv/hosts', mode: '0640', owner: 'nobody' } },
          { template: { src: 'page.j2', dest: '/srv/page' } },
          { command: 'stat -c "%a %U" /srv/hosts', changed_when: false },
        ],
      },
    ]),
  )
  const play = `cd ansible && ANSIBLE_NOCOLOR=1 ansible-playbook -i hosts --ssh-common-args="-F $cfg"`
  for (const [way, changed] of [
    ['smart', 2],
    ['piped', 0],
    ['scp', 0],
  ] as const) {
    const { code, stdout, stderr } = await line(`export ANSIBLE_SSH_TRANSFER_METHOD=${way}; ${play} play.yml`)
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`ok=5 +changed=${changed} +unreachable=0 +failed=0`)),
    })
  }
  expect(await line(`ssh -F $cfg ${box.name}.docker 'stat -c "%a %U" /srv/hosts; cat /srv/page'`)).toEqual({
    ...{ code: 0, stdout: '640 nobody\nof root, 42\n', stderr: '' },
  })
})

// What it is compiled with is 15 MB.
test('libssh', async () => {
  ensurePackages({ gcc: 'gcc libc6-dev', '/usr/include/libssh/libssh.h': 'libssh-dev' })
  const compiled = `gcc -o by-libssh ${join(root, 'test/fixtures/by-libssh.c')} -lssh`
  const known = '~/.local/share/docker-bash/gateway/known_hosts'
  expect(
    await line(`cd; ${compiled} && ./by-libssh 'docker-bash proxy ${box.name}' ${known} 'echo hello; exit 7'`),
  ).toEqual({ code: 0, stdout: 'hello\n7 /root\n', stderr: '' })
})

// A link that leads up is not read by this sshfs, whatever serves it: sshd's neither.
test('sshfs: a folder of it here', async () => {
  ensurePackages({ sshfs: 'sshfs', mount: 'mount' })
  const script = [
    `mkdir here && sshfs -F $cfg ${box.name}.docker:/opt here && cd here || exit 9`,
    'echo one >a && mv a b && mkdir -p d/e && ln -s ../b d/link && truncate -s 3 b && chmod 600 b',
    'cat b; echo; stat -c "%a %s %F" b; ls; dd if=/dev/urandom of=big bs=1M count=20 status=none; cmp big big && echo same',
    `ssh -F $cfg ${box.name}.docker 'readlink /opt/d/link; cksum </opt/big' >../theirs; cksum <big >../ours; cat ../theirs ../ours`,
    'cd .. && umount here && ls here',
  ]
  const { code, stdout, stderr } = await line(`cd; ${script.join('\n')}`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [link, bits, ...rest] = stdout.trim().split('\n')
  expect([link, bits]).toEqual(['one', '600 3 regular file'])
  expect(rest.slice(0, 2)).toEqual(['b', 'd'])
  expect(rest.slice(2, 4)).toEqual(['same', '../b'])
  expect(rest[4]).toBe(rest[5])
})
