/** A hostile neighbour, and an image that lies: the tools stay ours, and lead nobody out, whichever way they came. */
import { existsSync, readFileSync } from 'node:fs'
import { findProgram } from '../../scripts/packages.mjs'
import { type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { changesOf, debugContainers } from '../support/debug'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { slowness } from '../support/pace'
import { processesOf, waitForProcess } from '../support/processes'

const beside = (): RunOptions => ({ under: asNobody(), cwd: '/' })
const ways: readonly [string, () => RunOptions][] = [
  ['as root on the host', () => ({})],
  ['from a container beside', beside],
]

/** Root, and may trace what it sees: the worst there is without being privileged. */
const hostile = () => container({ image: 'debian', hostConfig: { CapAdd: ['SYS_PTRACE'] } })
const within = (id: string, script: string) => docker().inside(id, ['sh', '-c', script])

const changed = async (id: string) => ((await changesOf(id)) as { Path: string }[]).map(({ Path }) => Path).sort()

/** A session of root's, with its shell and a tool of it, as the target sees them. */
async function session({ id, name }: Container, options: RunOptions) {
  const running = start(['debug', '-c', 'echo "$PATH"; sleep 7401', name], options)
  const path = (await running.said(/\n/)).split(':')[0] ?? ''
  const sleeper = await waitForProcess(id, /^sleep 7401$/)
  const all = (await processesOf(id)).filter(({ line }) => /7401|read -r line|docker-bash/.test(line))
  return { running, path, sleeper, all }
}

describe.each(ways)('%s', (_, options) => {
  test('the tools can be changed by no path that leads to them, nor taken away', async () => {
    const made = await hostile()
    const { running, path, sleeper, all } = await session(made, options())
    // The same folder by the session's own name for it, by what it has open, and by every root there is to be seen.
    const ends = [
      ...(path.startsWith('/proc/self/') ? [] : [`root${path}`]),
      'root/.docker-bash',
      'root/bin',
      'fd/9',
      'fd/9/../bin',
    ]
    const folders = all.flatMap(({ pid, insidePid }) =>
      // The target has no busybox of its own.
      ends.flatMap((end) => (existsSync(`/proc/${pid}/${end}/busybox`) ? [`/proc/${insidePid}/${end}`] : [])),
    )
    expect(folders.length).toBeGreaterThanOrEqual(1)
    const tries = folders.flatMap((at) => [
      `echo broken >${at}/busybox`,
      `echo broken >${at}/newtool`,
      `rm -f ${at}/sh`,
      `mv ${at}/sh ${at}/other`,
      `ln -sf /bin/false ${at}/sleep`,
      `chmod 777 ${at}`,
      `mount -o remount,rw ${at}`,
      `mount --bind /tmp ${at}`,
      `umount ${at}`,
      `rmdir ${at}`,
      ...(path.startsWith('/proc/self/') ? [] : [`rmdir ${path}`, `mv ${path} /moved`]),
    ])
    const exes = all.map(({ insidePid }) => `echo broken >/proc/${insidePid}/exe`)
    const script = [...tries, ...exes].map((attempt) => `(${attempt}) 2>/dev/null && echo ${JSON.stringify(attempt)}`)
    expect((await within(made.id, `${script.join('\n')}\ntrue`)).stdout).toBe('')
    // They still are what they were, and the session goes on.
    const tool = readFileSync(`/proc/${sleeper.pid}/exe`)
    expect(tool.equals(readFileSync(findProgram('busybox') ?? ''))).toBe(true)
    running.kill('SIGTERM')
    await running.ended
  })

  test('what is open or to be seen of the session leads to nothing of the host’s', async () => {
    const made = await hostile()
    const { running, sleeper, all } = await session(made, options())
    const host = readFileSync('/etc/hostname', 'utf8').trim()
    const marker = process.cwd()
    for (const { insidePid: pid } of all) {
      const roots = [`/proc/${pid}/root`, `/proc/${pid}/cwd`, `/proc/${pid}/fd/9/..`, `/proc/${pid}/fd/9/../..`]
      const { stdout } = await within(
        made.id,
        roots
          .map(
            (at) => `cat ${at}/etc/hostname ${at}/../etc/hostname 2>/dev/null; ls -d ${at}${marker} 2>/dev/null; true`,
          )
          .join('\n'),
      )
      expect(stdout.split('\n').filter((line) => line === host || line.endsWith(marker))).toEqual([])
    }
    // Its streams, and in the container beside the folder of the tools: nothing else came along.
    const { stdout } = await within(made.id, `ls -l /proc/${sleeper.insidePid}/fd`)
    const open = [...stdout.matchAll(/ (\d+) -> (.*)$/gm)].map(([, fd, leads]) => [fd, leads?.replace(/:\[.*/, '')])
    const pipe = expect.stringMatching(/^(pipe|\/dev\/null|\/tmp\/docker-bash-pipes-.*)$/)
    const tools = open.length > 3 ? [['9', expect.stringMatching(/\.docker-bash$/)]] : []
    expect(open).toEqual([['0', pipe], ['1', pipe], ['2', pipe], ...tools])
    running.kill('SIGTERM')
    await running.ended
    expect(await changesOf(made.id)).toBeNull()
  })

  test('no process that comes in can be traced while it has more than the container may', async () => {
    const made = await hostile()
    const inspected = await within(made.id, 'grep CapBnd /proc/self/status')
    const own = BigInt(`0x${inspected.stdout.split('\t')[1]?.trim()}`)
    // Traces whatever is new as soon as it is there, and notes what it has. What it holds goes on when it ends.
    const seconds = Math.min(60, Math.ceil(12 * (await slowness())))
    const hunt = `
      use strict; my %seen = map { $_ => 1 } grep { /^\\d+$/ } do { opendir(my $d, '/proc'); readdir $d };
      my $end = time + ${seconds}; $| = 1; print "hunting\\n";
      while (time < $end) {
        opendir(my $d, '/proc') or next;
        for my $pid (grep { /^\\d+$/ && !$seen{$_} } readdir $d) {
          next if syscall(101, 16, $pid + 0, 0, 0) != 0;
          open(my $f, '<', "/proc/$pid/status"); local $/; my $s = <$f> // '';
          my ($cap) = $s =~ /CapEff:\\s*(\\S+)/; my ($name) = $s =~ /Name:\\s*(\\S+)/;
          print "caught $name $cap\\n" if defined $cap;
          waitpid($pid, 0x40000000); syscall(101, 17, $pid + 0, 0, 0); $seen{$pid} = 1;
        }
      }`
    const hunter = docker().inside(made.id, ['perl', '-e', hunt])
    await waitForProcess(made.id, /^perl -e/)
    for (let round = 0; round < 8; round++)
      await run(['debug', '-c', 'true', made.name], { ...options(), timeoutMs: 60_000 })
    const { stdout } = await hunter
    const caught = [...stdout.matchAll(/^caught (\S+) ([0-9a-f]+)$/gm)]
    expect(stdout).toMatch(/^hunting/)
    // The container beside has a few more, by which it gets in, and none that leads out.
    const more = 0x400c0n | 0x80000n | 0x20n
    expect(caught.length).toBeGreaterThan(0)
    // What starts an exec of the engine's is the engine's own matter: no other than with docker exec.
    const ours = caught.filter(([, name]) => !name?.startsWith('runc:'))
    const beyond = ours.filter(([, , cap]) => (BigInt(`0x${cap}`) & ~(own | more)) !== 0n)
    expect(beyond.map(([line]) => line)).toEqual([])
  })

  test('neither its own files nor its variables decide who we are or what we run', async () => {
    const lies = [
      'mkdir -p /lib/evil; echo "#!/bin/sh" >/tmp/sh; echo "echo evil" >>/tmp/sh; chmod 755 /tmp/sh',
      'for t in ls id sleep touch sh busybox; do cp /tmp/sh /usr/local/bin/$t; done',
      'echo "root:x:0:0:$(printf "\\\\033]0;evil\\\\007"):/proc/1/root:/tmp/sh" >/etc/passwd',
      'echo "evil:x:0:0::/:/tmp/sh" >>/etc/passwd; echo "games:x:99999999999:60::/:/x" >>/etc/passwd',
      'echo "echo evil" >/etc/profile; echo "echo evil" >/root/.profile; echo "echo evil" >/tmp/env',
      // Where tools could be laid: links to where others may write.
      'for d in mnt media srv opt; do rm -rf /$d; ln -s /tmp /$d; done; mkdir -p /tmp/shm; chmod 777 /tmp',
    ]
    const env = [
      'LD_PRELOAD=/lib/evil/x.so',
      'LD_LIBRARY_PATH=/lib/evil',
      'ENV=/tmp/env',
      'BASH_ENV=/tmp/env',
      'PS1=evil',
    ]
    const made = await container({
      image: 'debian',
      env,
      cmd: ['sh', '-c', `${lies.join('; ')}; exec /bin/sleep 1000`],
    })
    await waitForProcess(made.id, /^\/bin\/sleep 1000$/)
    const before = await changed(made.id)
    const script =
      'ls -d /bare /etc 2>/dev/null; id -u; echo $LD_PRELOAD$LD_LIBRARY_PATH$ENV$BASH_ENV; echo ${PATH%%:*}'
    const { code, stdout, stderr } = await run(['debug', '-c', script, made.name], options())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.toString()).toMatch(/^\/etc\n0\n\n\/(?:(?:sys|proc|dev)\/\S+)\n$/)
    const shell = await run(['debug', made.name], { ...options(), input: 'echo in; exit 4\n' })
    expect({ code: shell.code, stdout: shell.stdout.toString() }).toEqual({ code: 4, stdout: 'in\n' })
    const odd = await run(['debug', '-u', 'games', '-c', 'id -u', made.name], options())
    expect({ code: odd.code, stderr: odd.stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringMatching('invalid user or group number'),
    })
    expect(odd.stdout.toString()).toBe('')
    expect(await changed(made.id)).toEqual(before)
    expect(await debugContainers(made.id)).toEqual([])
  })
})
