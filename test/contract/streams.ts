import { createHash, randomBytes } from 'node:crypto'
import { constants, readFileSync } from 'node:fs'
import { slowness } from '../support/pace'
import { check, type Inside } from './way'

export function streams(the: Inside): void {
  const { way } = the
  describe('streams', () => {
    check(way, 'stdout and stderr come apart', async () => {
      const { stdout, stderr } = await the.run(['sh', '-c', 'echo out; echo err >&2; echo out2'])
      expect(stdout.toString()).toBe('out\nout2\n')
      expect(stderr).toBe('err\n')
    })
    check(way, 'any bytes go both ways unchanged', async () => {
      const bytes = Buffer.concat([Buffer.from([...Array(256).keys()]), randomBytes(5_000_000)])
      const { code, stdout } = await the.run(['cat'], { input: bytes })
      expect(code).toBe(0)
      expect(digest(stdout)).toBe(digest(bytes))
    })
    check(way, 'files go in, from where they are read, and out', async () => {
      const make = 'f=$(mktemp) && head -c 40000000 /dev/urandom >$f'
      const through = '{ dd bs=5 count=1 of=/dev/null 2>/dev/null; $IN cat; } <$f >$f.out'
      const { stdout } = await the.line(`${make}; ${through}; tail -c +6 $f | cmp - $f.out && echo same; rm $f $f.out`)
      expect(stdout.toString()).toBe('same\n')
    })
    check(way, 'the end of input is handed on, and output after it arrives', async () => {
      const { stdout } = await the.run(['sh', '-c', 'cat; sleep 1; echo late'], { input: 'early\n' })
      expect(stdout.toString()).toBe('early\nlate\n')
    })
    check(way, 'empty input is an end of input', async () => {
      expect((await the.run(['cat'], { input: '' })).code).toBe(0)
      expect((await the.line('$IN cat <&-')).code).toBe(0)
      expect((await the.line('$IN cat </dev/null')).code).toBe(0)
    })
    check(way, 'a command that does not read its input ends all the same', async () => {
      const { code, stdout } = await the.line('yes | $IN sh -c "exit 3"; echo ${PIPESTATUS[1]}', { timeoutMs: 15_000 })
      expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: '3\n' })
    })
    check(way, 'a command that has had enough of its input goes on', async () => {
      const line = 'yes | $IN sh -c "exec </dev/null; sleep 0.5; echo still; exit 3"; echo ${PIPESTATUS[1]}'
      expect((await the.line(line, { timeoutMs: 30_000 })).stdout.toString()).toBe('still\n3\n')
      const first = 'f=$(mktemp); yes line | head -c 1000000 >$f; $IN sh -c "head -n 1; true" <$f; echo $?; rm $f'
      expect((await the.line(first, { timeoutMs: 30_000 })).stdout.toString()).toBe('line\n0\n')
    })
    check(way, 'a reader who leaves ends both sides within a second', async () => {
      const line = 'exec 3>&1; { $IN yes; echo "code $?" >&3; date +%s%N >&3; } | { head -n 1; date +%s%N; }'
      const { stdout } = await the.line(line)
      const [first, ...rest] = stdout.toString().trim().split('\n')
      expect(first).toBe('y')
      // ssh has that code for every signal.
      expect(rest).toContain(way.via === 'client' ? 'code 255' : 'code 141')
      const [left, ended] = rest.filter((text) => /^\d+$/.test(text)).map(Number)
      expect(((ended ?? Number.NaN) - (left ?? 0)) / 1e6).toBeLessThan(1000 * (await slowness()))
    })
    check(way, 'a reader asleep for 5 s loses nothing', async () => {
      const { stdout } = await the.line('$IN sh -c "head -c 20000000 /dev/zero; echo end >&2" | { sleep 5; wc -c; }')
      expect(stdout.toString().trim()).toBe('20000000')
    })
    check(way, 'our stdout and stderr stay as they were for everybody who shares them, to the end', async () => {
      const running = the.start(['sh', '-c', 'echo ready; sleep 0.2'])
      await running.said(/ready/)
      const over = running.ended.then(() => true)
      while (!(await Promise.race([over, new Promise((go) => setImmediate(go))]))) {
        for (const fd of [1, 2]) expect([fd, isNonBlocking(running.pid, fd)]).toEqual([fd, false])
      }
      expect((await running.ended).code).toBe(0)
    })
    check(way, '-n reads nothing: safe inside `while read`', async () => {
      const { stdout } = await the.line('printf "1\\n2\\n3\\n" | while read -r n; do $ENTER echo $n; done', {
        env: {
          ENTER: `${the.typed().join(' ')} -n --via ${way.via} ${(way.flags ?? []).join(' ')} ${the.container.name}`,
        },
      })
      expect(stdout.toString()).toBe('1\n2\n3\n')
    })
    check(way, 'output that cannot be written is an error that says so', async () => {
      const { stdout, stderr } = await the.line('$IN echo hello >/dev/full; echo $?')
      expect(stdout.toString()).toBe('125\n')
      expect(stderr).toMatch(/no space left/)
    })
    const { much, digestOfMuch, title } = way.brief ? little : lots
    check(way, `${title} out with flat memory`, async () => {
      const command = ['sh', '-c', `yes 0123456789abcdefghijklmnopqrstu | head -c ${much}`]
      const running = the.start(command, { collect: false, memory: true, timeoutMs: 120_000 })
      const hash = createHash('sha256')
      for await (const chunk of running.stdout) hash.update(chunk)
      const { code, maxRssKb } = await running.ended
      expect(code).toBe(0)
      expect(hash.digest('hex')).toBe(digestOfMuch)
      expect(maxRssKb).toBeLessThan(most)
    })
    check(way, `${title} in with flat memory`, async () => {
      const running = the.start(['sha256sum'], { input: 'open', memory: true, timeoutMs: 120_000 })
      const block = Buffer.alloc(1024 ** 2, '0123456789abcdefghijklmnopqrstu\n')
      for (let sent = 0; sent < much; sent += block.length) {
        if (!running.stdin.write(block)) await new Promise((go) => running.stdin.once('drain', go))
      }
      running.stdin.end()
      const { code, stdout, maxRssKb } = await running.ended
      expect(code).toBe(0)
      expect(stdout.toString().slice(0, 64)).toBe(digestOfMuch)
      expect(maxRssKb).toBeLessThan(most)
    })
  })
}

/**
 * Bytes: more than docker-bash may hold, so that it cannot have kept them, with the SHA-256 of so much of what `yes
 * 0123456789abcdefghijklmnopqrstu` writes. The benchmark moves the gibibytes.
 */
const lots = {
  title: '256 MiB',
  much: 256 * 1024 ** 2,
  digestOfMuch: '6bb58226c2359146f15293a4dfa936b01921e83e89a1986b36a266cae9e78445',
}

/** For a way whose memory is another's: that all of it arrives. */
const little = {
  title: '32 MiB',
  much: 32 * 1024 ** 2,
  digestOfMuch: '7645d50ae5961dec104d0ff315f025a75128a3093acb9e6c3ab658236f94191f',
}

/**
 * KiB: how much memory docker-bash may hold, however much goes through it. With a reader as slow as this one there are 8
 * MiB waiting, and V8 lets 32 MiB of what has gone lie around.
 */
const most = 150 * 1024

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A process's descriptor, as it is at this moment; one that is gone is none. */
function isNonBlocking(pid: number, fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '', 8) & constants.O_NONBLOCK) !== 0
  } catch {
    return false
  }
}
