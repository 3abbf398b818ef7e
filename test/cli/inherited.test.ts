/** What fork hands on, and a caller's shell, unit or cron may have set, does not reach the command: as in the engine's exec. */
import { type RunOptions, run } from '../support/cli'
import { type Container, container } from '../support/containers'

/** Each attribute of proc(5) that an exec can differ in, a line each. */
const attributes = [
  'umask',
  'cat /proc/self/limits',
  // nice, policy and real-time priority.
  'set -- $(cat /proc/self/stat); echo "sched ${19} ${40} ${41}"',
  'grep -E "^(Cpus_allowed_list|Mems_allowed_list|NoNewPrivs|SigBlk|SigIgn|Groups|Cap[A-Z][a-z]+|Seccomp):" /proc/self/status',
  'for f in personality oom_score_adj coredump_filter; do echo "$f $(cat /proc/self/$f)"; done',
].join('; ')

let web: Container
let limited: Container
beforeAll(async () => {
  web = await container({ image: 'debian' })
  const Ulimits = [
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'nofile', Soft: 2048, Hard: 2048 },
  ]
  limited = await container({ image: 'debian', hostConfig: { Ulimits } })
})

async function seen(words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(words, options)
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
  // By another way the filter is put back by nobody: that is said, and not this test's.
  return stdout.toString().replace(/^Seccomp:.*\n/m, '')
}

// Only what can be raised again without CAP_SYS_RESOURCE: the tests' root may have none.
const odd: [string, string[]][] = [
  ['umask', ['sh', '-c', 'umask 077; exec "$@"', 'sh']],
  ['limits', ['prlimit', '--nofile=700:', '--core=0:', '--fsize=50000000:', '--stack=4194304:']],
  ['nice', ['nice', '-n', '5']],
  ['a scheduler', ['chrt', '--batch', '0']],
  ['one processor', ['taskset', '--cpu-list', '0']],
  ['a personality', ['setarch', '--addr-no-randomize']],
  ['ignored signals', ['nohup']],
  [
    'all of them',
    ['sh', '-c', 'umask 027; exec nice -n 7 taskset --cpu-list 1 setarch -R prlimit --nofile=800: "$@"', 'sh'],
  ],
]

describe.each([['runc'], ['nsenter']])('%s', (via) => {
  test.each(odd)('%s', async (_, under) => {
    const exec = await seen(['--via', 'exec', '-n', web.name, 'sh', '-c', attributes])
    expect(await seen(['--via', via, '-n', web.name, 'sh', '-c', attributes], { under })).toBe(exec)
  })
  test('the limits that the container was given', async () => {
    const exec = await seen(['--via', 'exec', '-n', limited.name, 'sh', '-c', attributes])
    expect(exec).toMatch(/^Max open files .* 2048 /m)
    const under = ['prlimit', '--nofile=700:', '--memlock=65536:']
    expect(await seen(['--via', via, '-n', limited.name, 'sh', '-c', attributes], { under })).toBe(exec)
  })
  test('nor does what the container’s own first process has set for itself', async () => {
    const cmd = ['nice', '-n', '9', 'sleep', '1000']
    const { name } = await container({ image: 'debian', cmd })
    const exec = await seen(['--via', 'exec', '-n', name, 'sh', '-c', attributes])
    expect(exec).toMatch(/^sched 0 /m)
    expect(await seen(['--via', via, '-n', name, 'sh', '-c', attributes])).toBe(exec)
  })
  test('no_new_privs cannot be undone: that way is refused', async () => {
    const under = ['setpriv', '--no-new-privs']
    const { code, stderr } = await run(['--via', via, '-n', web.name, 'true'], { under })
    expect(code).toBe(125)
    expect(stderr).toMatch(/no_new_privs is set here/)
    const { stderr: said } = await run(['-v', '-n', web.name, 'true'], { under })
    expect(said).toMatch(/by exec/)
  })
})

test('run', async () => {
  const exec = await seen(['--via', 'exec', '-n', web.name, 'sh', '-c', attributes])
  const under = ['sh', '-c', 'umask 027; exec nice -n 7 taskset --cpu-list 1 prlimit --nofile=800: "$@"', 'sh']
  const { stdout } = await run(['run', '--via', 'runc', '--group', web.name, '-c', attributes], { under })
  for (const line of exec.trim().split('\n')) expect(stdout.toString()).toContain(line)
})
