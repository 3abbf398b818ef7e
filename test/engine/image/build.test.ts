/** What is in the image, and what can be left out of it. */
import { box, oneShot } from './box'
import { buildOurs, firstTime, foreign } from './images'
import { sentence } from './sentence'

sentence('there is no Python and no Node inside', async () => {
  const programs = 'command -v python python2 python3 node nodejs; :'
  expect((await oneShot({ cmd: ['sh', '-c', programs] })).stdout).toBe('')
})

// A foreign image is not ours to build.
if (!foreign) {
  sentence(
    '--build-arg WITHOUT=sshd,cron,syslog leaves them out, and the rest works',
    async () => {
      await buildOurs('test/image-without', { WITHOUT: 'sshd,cron,syslog' })
      const show =
        'ls /etc/service /etc/my_init.d; ls -d /etc/insecure_key /usr/sbin/enable_insecure_key 2>/dev/null; :'
      const lists = await oneShot({ image: 'test/image-without', cmd: ['sh', '-c', show] })
      expect(lists.stdout).toBe('/etc/my_init.d:\n\n/etc/service:\n')
      const command = await oneShot({ image: 'test/image-without', args: ['--', 'sh', '-c', 'exit 5'] })
      expect(command.code).toBe(5)
      const { said, stop } = await box({
        image: 'test/image-without',
        files: { '/etc/service/one/run': '#!/bin/sh\necho up\nexec sleep 1000\n' },
      })
      await said(/^up/m)
      expect((await stop()).code).toBe(0)
    },
    firstTime,
  )

  sentence('WITHOUT one of them leaves the others', async () => {
    await buildOurs('test/image-without-syslog', { WITHOUT: 'syslog' })
    const { stdout } = await oneShot({ image: 'test/image-without-syslog', cmd: ['ls', '/etc/service'] })
    expect(stdout).toBe('cron\nsshd\n')
  })

  sentence('WITHOUT something unknown is refused', async () => {
    await expect(buildOurs('test/image-wrong', { WITHOUT: 'python' })).rejects.toThrow(/not python/)
  })
}
