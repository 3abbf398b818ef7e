/** syslog, its rotation, and cron. */
import { until } from '../../support/until'
import { type Box, box } from './box'
import { sentence } from './sentence'

/** As soon as the syslog daemon takes messages. */
async function listening({ sh }: Box): Promise<void> {
  await until(
    async () => (await sh('test -S /dev/log && logger -t probe up && grep -c probe /var/log/syslog || :')).trim() > '0',
    10_000,
    () => sh('sv status /etc/service/*; ls -l /dev/log /var/log; cat /var/log/syslog'),
  )
}

const inSyslog = ({ sh }: Box, text: string) =>
  until(
    async () => (await sh(`grep -F '${text}' /var/log/syslog || :`)) || undefined,
    5_000,
    async () => `not in the log:\n${await sh('cat /var/log/syslog')}`,
  )

describe('syslog', () => {
  sentence('goes to /var/log/syslog, for root and the group adm', async () => {
    const made = await box()
    await listening(made)
    await made.sh('logger -t app -p user.warning "hello from app"')
    await made.sh('logger -t app -p auth.info "somebody came"')
    expect(await inSyslog(made, 'hello from app')).toMatch(/ app: hello from app$/m)
    await inSyslog(made, 'somebody came')
    expect(await made.sh('stat -c "%a %U %G" /var/log/syslog')).toBe('640 root adm\n')
  })

  sentence('goes to docker logs too, on stderr', async () => {
    const made = await box()
    await listening(made)
    await made.sh('logger -t app "hello docker"')
    await made.said(/hello docker/)
    expect((await made.logs()).stderr).toContain('hello docker')
  })

  sentence('takes messages of this container only: nothing listens on a network', async () => {
    const made = await box()
    await listening(made)
    const sockets = await made.sh('tail -qn +2 /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6')
    // 0A is LISTEN, 07 a UDP socket that is bound.
    expect(sockets.split('\n').filter((line) => /^\s*\d+: \S+ \S+ (0A|07) /.test(line))).toEqual([])
  })

  sentence('is rotated, and goes on in a new file', async () => {
    const made = await box()
    await listening(made)
    await made.sh('logger -t app before')
    await inSyslog(made, 'app: before')
    await made.sh('logrotate -f /etc/logrotate.conf')
    await until(
      async () => (await made.sh('logger -t app after; grep -F "app: after" /var/log/syslog || :')) !== '',
      5_000,
      () => made.sh('ls -l /var/log'),
    )
    expect(await made.sh('grep -c "app: before" /var/log/syslog.1; grep -c "app: before" /var/log/syslog || :')).toBe(
      '1\n0\n',
    )
    expect(await made.sh('stat -c "%a %U %G" /var/log/syslog')).toBe('640 root adm\n')
  })

  sentence('is rotated by itself: cron has a daily job for it', async () => {
    const { sh } = await box()
    // The job as cron runs it, with the log last rotated long ago.
    await sh(
      'mkdir -p /var/lib/logrotate; printf \'logrotate state -- version 2\\n"/var/log/syslog" 2020-1-1-0:0:0\\n\' >/var/lib/logrotate/status',
    )
    await sh('until [ -s /var/log/syslog ]; do logger probe; sleep 0.05; done')
    expect(await sh('run-parts --test /etc/cron.daily')).toContain('/etc/cron.daily/logrotate')
    await sh('run-parts /etc/cron.daily')
    expect(await sh('ls /var/log/syslog.1')).toBe('/var/log/syslog.1\n')
  })
})

describe('cron', () => {
  sentence('runs, and runs jobs', async () => {
    const { sh } = await box({
      files: { '/etc/cron.d/test': '@reboot root id -un >/job.part && mv /job.part /job\n' },
    })
    expect(await sh('until [ -e /job ]; do sleep 0.05; done; cat /job')).toBe('root\n')
    expect(await sh('sv status /etc/service/cron')).toMatch(/^run:/)
  })
})
