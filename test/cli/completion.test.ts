/** Completion as it is typed, in real shells at a real terminal. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { shell as bash, run } from '../support/cli'
import { container, uniqueName } from '../support/containers'
import { root, scratch, sharedEngine } from '../support/engine'
import { openTerminal, type Terminal } from '../support/tmux'

const shells = ['bash', 'zsh', 'fish'] as const
const head = uniqueName()

beforeAll(async () => {
  ensurePackages({ bash: 'bash', zsh: 'zsh', fish: 'fish' })
  await container({ image: 'busybox', name: `${head}-web` })
  await container({ image: 'busybox', name: `${head}-worker` })
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.container-number': '1' }
  for (const service of [`${head}-api`, '$(touch owned)', `${head}-api$(touch owned)`]) {
    await container({ image: 'busybox', labels: { ...labels, 'com.docker.compose.service': service } })
  }
})

/** A home whose shells have a prompt of ours, and the completion. */
async function homeWith(shell: string): Promise<string> {
  const HOME = scratch(shell)
  mkdirSync(join(HOME, '.config/fish/functions'), { recursive: true })
  for (const file of ['.bashrc', '.zshrc']) writeFileSync(join(HOME, file), prompt)
  writeFileSync(join(HOME, '.config/fish/functions/fish_prompt.fish'), 'function fish_prompt; echo "ready> "; end\n')
  writeFileSync(join(HOME, '.config/fish/config.fish'), 'set fish_greeting\n')
  const { code, stdout } = await run(['completion', 'install', shell], { env: { HOME } })
  expect({ code, said: stdout.toString() }).toEqual({
    code: 0,
    said: expect.stringMatching(/completes from its next start on/),
  })
  return HOME
}

const prompt = "PS1='ready> '\n"

/** A shell that has read its files and waits. */
async function waiting(shell: string, HOME: string): Promise<Terminal> {
  const terminal = await openTerminal({ columns: 160, rows: 40, command: [shell, '-i'], env: { HOME } })
  await terminal.until(/^ready>/m, 30_000)
  return terminal
}

describe.each(shells)('%s', (shell) => {
  let terminal: Terminal
  let HOME: string
  beforeAll(async () => {
    HOME = await homeWith(shell)
    mkdirSync(join(HOME, 'shop'))
    writeFileSync(join(HOME, 'shop', 'compose.yaml'), 'services: {}\n')
    terminal = await waiting(shell, HOME)
  })

  const empty = (screen: string) => screen.trim() === 'ready>'
  const cleared = async () => {
    // The first may only close a list.
    await terminal.keys('C-c', 'C-c')
    // What is typed while it is still being given up would be part of it.
    await terminal.until((screen) => /(?:^|\n)ready>$/.test(screen.trimEnd()), 20_000)
    await terminal.type('clear')
    await terminal.keys('Enter')
    await terminal.until(empty, 20_000)
  }
  /** What `typed` and the key make of the line; then it is given up. */
  const completes = async (typed: string, to: string) => {
    await terminal.type(typed)
    await terminal.keys('Tab')
    await terminal.until((screen) => screen.includes(`ready> ${to}`), 20_000)
    await cleared()
  }
  /** The key changes nothing, and what is typed next stands behind it. */
  const stays = async (typed: string) => {
    await terminal.type(typed)
    await terminal.keys('Tab')
    await terminal.type('END')
    await terminal.until((screen) => screen.includes(`ready> ${typed}END`), 20_000)
    await cleared()
  }

  test('live names', async () => {
    await completes(`docker-bash ${head}-we`, `docker-bash ${head}-web`)
    await terminal.type(`docker-bash ${head}-w`)
    await terminal.keys(...(shell === 'bash' ? ['Tab', 'Tab'] : ['Tab']))
    await terminal.until(/-worker\b.*-web\b|-web\b.*-worker\b/s, 20_000)
    await cleared()
    await completes(`docker-bash -u root -e 'A=b c' ${head}-wo`, `docker-bash -u root -e 'A=b c' ${head}-worker`)
    await completes(`docker-bash key list ${head}-wo`, `docker-bash key list ${head}-worker`)
  })
  test('behind a colon and an equals sign', async () => {
    await completes(`docker-bash name:${head}-we`, `docker-bash name:${head}-web`)
    await completes('docker-bash --via=ns', 'docker-bash --via=nsenter')
    await completes('docker-bash --via ns', 'docker-bash --via nsenter')
  })
  test('commands and flags', async () => {
    await completes('docker-bash expl', 'docker-bash explain')
    await completes('docker-bash key rot', 'docker-bash key rotate')
    await completes('docker-bash ls --js', 'docker-bash ls --json')
  })
  test('a service; nothing of what its label says is run', async () => {
    await terminal.type('cd ~/shop && clear')
    await terminal.keys('Enter')
    await terminal.until(empty)
    await completes(`docker-bash ${head}-a`, `docker-bash ${head}-api`)
    await stays('docker-bash -u "$(touch owned)" nosuch')
    expect(existsSync(join(HOME, 'shop', 'owned'))).toBe(false)
  })
  test("files where the word is a file's name", async () => {
    await completes('docker-bash --env-file /etc/hostn', 'docker-bash --env-file /etc/hostname')
    await completes(`docker-bash ${head}-web cat /etc/hostn`, `docker-bash ${head}-web cat /etc/hostname`)
  })
  test('another engine that is meant, and none that answers', async () => {
    const { host } = sharedEngine()
    await completes(`docker-bash -H ${host} ${head}-we`, `docker-bash -H ${host} ${head}-web`)
    await stays('docker-bash -H unix:///nowhere any')
  })
  test('ssh, scp and sftp have what runs as NAME.docker, once that is set up, beside what the shell has for them', async () => {
    await terminal.type('cd')
    await terminal.keys('Enter')
    await cleared()
    mkdirSync(join(HOME, '.ssh'), { recursive: true })
    writeFileSync(join(HOME, '.ssh/config'), `Host ${head}-far\n`)
    if (shell !== 'bash') await stays(`ssh ${head}-we`)
    expect((await run(['ssh-config', 'install', '--yes'], { env: { HOME } })).code).toBe(0)
    await completes(`ssh ${head}-we`, `ssh ${head}-web.docker`)
    await completes(`ssh root@${head}-web.d`, `ssh root@${head}-web.docker`)
    await completes(`sftp ${head}-wo`, `sftp ${head}-worker.docker`)
    await completes(`scp /etc/hostname ${head}-wo`, `scp /etc/hostname ${head}-worker.docker:`)
    // bash has them by bash-completion alone, which is not read here.
    if (shell !== 'bash') await completes(`ssh ${head}-f`, `ssh ${head}-far`)
  })
  test('`completion remove` leaves the file as it was', async () => {
    expect((await run(['completion', 'remove'], { env: { HOME, SHELL: `/usr/bin/${shell}` } })).code).toBe(0)
    for (const file of ['.bashrc', '.zshrc']) expect(readFileSync(join(HOME, file), 'utf8')).toBe(prompt)
    expect(existsSync(join(HOME, '.config/fish/conf.d/docker-bash.fish'))).toBe(false)
  })
})

describe('install', () => {
  test("keeps the user's own lines, links, modes and bytes; twice is once; remove is its undoing", async () => {
    const HOME = scratch('rc')
    const mine = Buffer.from("alias ll='ls -l' # caf\xe9\n# docker-bash completion, by hand\n", 'latin1')
    mkdirSync(join(HOME, 'dotfiles'))
    writeFileSync(join(HOME, 'dotfiles', 'bashrc'), mine, { mode: 0o600 })
    symlinkSync('dotfiles/bashrc', join(HOME, '.bashrc'))
    const env = { HOME }
    for (const said of [/completes from/, /has it already/]) {
      expect((await run(['completion', 'install', 'bash'], { env })).stdout.toString()).toMatch(said)
    }
    const file = readFileSync(join(HOME, '.bashrc'))
    expect(file.subarray(0, mine.length)).toEqual(mine)
    expect(
      file
        .subarray(mine.length)
        .toString()
        .match(/# docker-bash completion\n/g),
    ).toHaveLength(1)
    for (const said of [/gone from/, /nothing of ours/]) {
      expect((await run(['completion', 'remove', 'bash'], { env })).stdout.toString()).toMatch(said)
    }
    expect(readFileSync(join(HOME, 'dotfiles', 'bashrc'))).toEqual(mine)
  })
  test('needs to know the shell', async () => {
    expect(await run(['completion', 'install'], { env: { SHELL: '/bin/tcsh' } })).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/\/bin\/tcsh[\s\S]*completion install bash/),
    })
  })
  test('the scripts can be read from a pipe, too', async () => {
    for (const shell of shells) {
      expect((await run(['completion', shell])).stdout).toEqual(
        readFileSync(join(root, 'completion', `docker-bash.${shell}`)),
      )
    }
    const { stdout } = await bash('. <(docker-bash completion bash); complete -p docker-bash')
    expect(stdout.toString()).toMatch(/-F _docker_bash docker-bash/)
  })
})

describe('within 100 ms', () => {
  /**
   * Ten times, in milliseconds: Node's bare start, then a completion. What the machine does besides is not ours: one of
   * the ten has to be in time. Where it is so busy that Node's start takes more than 45 ms, every millisecond of that
   * counts four times: that many times a process has to wait for its turn.
   */
  const inTime = (text: string) => {
    const pairs = text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
    expect(pairs.length).toBe(10)
    const late = pairs.map(([start = 0, took = Number.NaN]) => took - 4 * Math.max(0, start - 45))
    expect(Math.min(...late)).toBeLessThan(100)
  }

  test('bash', async () => {
    const { stdout, stderr } = await bash(`
      . <(docker-bash completion bash)
      COMP_WORDS=(docker-bash ${head}-we) COMP_CWORD=1 COMP_LINE="docker-bash ${head}-we" COMP_POINT=\${#COMP_LINE}
      for i in 1 2 3 4 5 6 7 8 9 10; do
        first=$EPOCHREALTIME; node -e 0; from=$EPOCHREALTIME; _docker_bash docker-bash 2>/dev/null; to=$EPOCHREALTIME
        [ "$COMPREPLY" = ${head}-web ] || echo wrong >&2
        echo $(( (\${from/./} - \${first/./}) / 1000 )) $(( (\${to/./} - \${from/./}) / 1000 ))
      done`)
    expect(stderr).toBe('')
    inTime(stdout.toString())
  })
  test('zsh', async () => {
    const HOME = await homeWith('zsh')
    const timed = `
      zmodload zsh/datetime
      timed() {
        local first=$EPOCHREALTIME; node -e 0
        local from=$EPOCHREALTIME; zle complete-word
        print $(( (from - first) * 1000 )) $(( (EPOCHREALTIME - from) * 1000 )) >>~/times
      }
      zle -N timed; bindkey '^T' timed; bindkey '^U' kill-whole-line
    `
    appendFileSync(join(HOME, '.zshrc'), timed)
    const terminal = await waiting('zsh', HOME)
    for (let time = 1; time <= 10; time++) {
      await terminal.type(`docker-bash ${head}-we`)
      await terminal.keys('C-t')
      await terminal.until(new RegExp(`${head}-web\\s*$`), 20_000)
      await terminal.keys('C-u')
      await terminal.until((screen) => !screen.includes(`${head}-we`))
    }
    inTime(readFileSync(join(HOME, 'times'), 'utf8'))
  })
  test('fish', async () => {
    const HOME = await homeWith('fish')
    const LINE = `
      for i in (seq 10)
        set first (date +%s%3N); node -e 0
        set from (date +%s%3N); complete -C 'docker-bash ${head}-we' | string match -q '${head}-web*'; or echo wrong
        set to (date +%s%3N)
        echo (math $from - $first) (math $to - $from)
      end`
    const { stdout, stderr } = await bash('fish -c "$LINE"', { env: { HOME, LINE } })
    expect(stderr).toBe('')
    inTime(stdout.toString())
  })
})

test('ssh, scp and sftp: what runs, as NAME.docker, once that is set up; and what bash-completion has for them', async () => {
  const HOME = scratch('hosts')
  const script = `
    t() {
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=1000 COMPREPLY=()
      _docker_bash_ssh "$1" "\${!#}" x 2>/dev/null; [ $? != 124 ] || _docker_bash_ssh "$1" "\${!#}" x 2>/dev/null
      echo $(printf '%s\n' "\${COMPREPLY[@]}" | grep -e ${head} -e ControlPath= | sort -u)
    }
    . /usr/share/bash-completion/bash_completion; . '${join(root, 'completion/docker-bash.bash')}'
    t ssh ${head}-w
    docker-bash ssh-config install --yes >/dev/null
    t ssh ${head}-w; t ssh app@${head}-web.d; t scp file ${head}-wo; t ssh /${head}; t ssh -o ControlPa; complete -p sftp`
  const { stdout, stderr } = await bash(script, { env: { HOME } })
  expect({ stderr, lines: stdout.toString().split('\n') }).toEqual({
    stderr: '',
    lines: [
      '',
      `${head}-web.docker ${head}-worker.docker`,
      `app@${head}-web.docker`,
      `${head}-worker.docker:`,
      ...['', 'ControlPath=', expect.stringMatching(/ -F _docker_bash_ssh sftp$/), ''],
    ],
  })
})
