/** What answers on the container's port 22 is not an SSH server, or one that means harm. */
import { start } from '../../support/cli'
import { type Container, container } from '../../support/containers'
import { docker } from '../../support/docker-api'
import { ensureSshdImage, type TestKey, testKey, waitForLog } from '../../support/sshd'
import { type Attack, unforeseen } from './attack'

let box: Container
let key: TestKey

/**
 * Serves each connection what the file /says holds: the first line is how (`once`, `again` and again, `silent`), the
 * rest is sent. It goes by sshd's name and on sshd's port, so that it is taken for one.
 */
const server = `$0 = "sshd: /usr/sbin/sshd -D [listener]"; use Socket; $SIG{CHLD} = $SIG{PIPE} = "IGNORE";
  socket(my $l, PF_INET, SOCK_STREAM, 0); setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
  bind($l, sockaddr_in(22, INADDR_ANY)) or die; listen($l, 50); $| = 1; print "Server listening\n";
  while (accept(my $c, $l)) { next if fork; open my $f, "<", "/says"; my $how = <$f>; local $/; my $what = <$f>;
    syswrite($c, $what); while ($how eq "again\n") { syswrite($c, $what) or last } sleep 60 if $how eq "silent\n"; exit }`

export const servers: Attack = {
  async prepare() {
    await ensureSshdImage()
    key = testKey()
    box = await container({ image: 'sshd', cmd: ['perl', '-e', server] })
    await waitForLog(box.id, /Server listening/)
  },

  async attempt(draw, say) {
    const how = draw.pick(['once', 'again', 'silent'])
    const banner = draw.pick(['', 'SSH-2.0-OpenSSH_9.2\r\n', 'SSH-1.5-old\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n'])
    const junk = draw.bytes(draw.int(0, 2_000))
    const after = draw.int(300, 3_000)
    say(`${how}: ${JSON.stringify(banner)} and ${junk.length} bytes; ctrl-c after ${after} ms`)

    const says = Buffer.concat([Buffer.from(`${how}\n${banner}`), junk]).toString('base64')
    await docker().inside(box.id, ['sh', '-c', `echo ${says} | base64 -d >/says`])
    const running = start(['--via', 'ssh', '-i', key.path, box.name, 'echo', 'in'], {
      memory: true,
      timeoutMs: 120_000,
    })
    const impatient = setTimeout(() => running.kill('SIGINT'), after)
    const { code, signal, stdout, stderr, maxRssKb } = await running.ended
    clearTimeout(impatient)
    // Another way to its sshd, an exec, is as good: then the command ran.
    if (stdout.length > 0) expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
    else expect(signal ?? code).not.toBe(0)
    expect(stderr).not.toMatch(unforeseen)
    expect(stderr.length).toBeLessThan(8_192)
    expect(maxRssKb).toBeLessThan(200_000)
  },
}
