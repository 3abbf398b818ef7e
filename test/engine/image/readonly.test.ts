/** A read-only root, with a tmpfs where something must be written. */
import { until } from '../../support/until'
import { box, oneShot } from './box'
import { derive } from './images'
import { sentence } from './sentence'

const readOnly = { ReadonlyRootfs: true, Tmpfs: { '/run': '', '/tmp': '', '/var/log': '' } }

describe('with --read-only --tmpfs /run --tmpfs /tmp --tmpfs /var/log', () => {
  sentence('it boots, with services, syslog and cron, and stops', async () => {
    const { sh, stop } = await box({ hostConfig: readOnly })
    await sh('until [ -S /dev/log ] && logger probe && grep -q probe /var/log/syslog; do sleep 0.05; done')
    const status = () => sh('sv status /etc/service/cron /etc/service/syslog-ng')
    await until(async () => ((await status()).match(/^run:/gm) ?? []).length === 2, 5_000, status)
    expect((await stop()).code).toBe(0)
  })

  sentence('a service of the user runs, whose state is linked into /run', async () => {
    const image = await derive(
      'test/image-ro-service',
      ['COPY app /etc/service/app', 'RUN ln -s /run/runit/app /etc/service/app/supervise'],
      { '/app/run': '#!/bin/sh\ntrap "echo app done; exit 0" TERM\necho app up\nwhile :; do sleep 0.1; done\n' },
    )
    const { said, stop, logs } = await box({ image, hostConfig: readOnly })
    await said(/app up/)
    expect((await stop()).code).toBe(0)
    expect((await logs()).stdout).toContain('app done')
  })

  sentence('variables of docker run and files reach the command and the dumps', async () => {
    const { code, stdout } = await oneShot({
      hostConfig: readOnly,
      image: await derive('test/image-ro-env', ['RUN echo 3 >/etc/container_environment/FROM_FILE']),
      env: ['FROM_RUN=1'],
      args: [
        '--',
        'sh',
        '-c',
        'echo "$FROM_RUN $FROM_FILE"; env -i bash -lc \'echo "$FROM_RUN $FROM_FILE"\'; cat /etc/container_environment.json; stat -L -c "%a %G" /etc/container_environment.sh',
      ],
    })
    const [command, shell, json, mode] = stdout.split('\n')
    expect({ code, command, shell, mode }).toEqual({ code: 0, command: '1 3', shell: '1 3', mode: '640 docker_env' })
    expect(JSON.parse(json ?? '')).toMatchObject({ FROM_RUN: '1', FROM_FILE: '3' })
  })

  sentence('sshd has host keys of its own and lets a key in', async () => {
    const image = await derive('test/image-ro-sshd', [
      'RUN rm -f /etc/service/sshd/down',
      'RUN /usr/sbin/enable_insecure_key',
    ])
    const { sh, inside } = await box({ image, hostConfig: readOnly })
    await sh('install -m 0600 /etc/insecure_key /tmp/key')
    const ssh = 'ssh -i /tmp/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'
    await until(
      async () => (await inside(['sh', '-c', `${ssh} root@127.0.0.1 echo in`])).stdout === 'in\n',
      15_000,
      async () => (await inside(['sh', '-c', `${ssh} root@127.0.0.1 echo in 2>&1`])).stdout,
    )
    expect(await sh('/usr/sbin/sshd -T | grep ^hostkey')).toMatch(/^hostkey \/run\//m)
  })
})

sentence('without a tmpfs on /run it says what is missing', async () => {
  const { code, stderr } = await oneShot({ hostConfig: { ReadonlyRootfs: true } })
  expect(code).toBe(1)
  expect(stderr).toContain('--tmpfs /run')
})
