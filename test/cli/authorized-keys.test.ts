/**
 * A file of keys as `gateway` reads it, beside the sshd of Debian: each row is a file, with which a real client logs in at
 * a real sshd. Whom sshd keeps out we keep out; what it lets in we let in with the same command and permissions, or
 * the row says why not.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AuthorizedKeys, lineFor } from '../../src/lib/gateway/authorized/file'
import { parsePublic } from '../../src/lib/ssh/fingerprint'
import { scratch } from '../support/engine'
import { hostSshd } from '../support/host-sshd'

const home = scratch('authorized')
const types = { ed25519: [], ecdsa: [], rsa: ['-b', '2048'], short: ['-b', '1024'] } as const
const publics: Record<string, string> = {}
for (const [name, words] of Object.entries(types)) {
  const type = name === 'short' ? 'rsa' : name
  execFileSync('ssh-keygen', ['-q', '-t', type, ...words, '-N', '', '-C', 'me@here', '-f', join(home, name)])
  publics[name] = readFileSync(join(home, `${name}.pub`), 'utf8').trim()
}
const [type = '', base64 = ''] = publics.ed25519?.split(' ') ?? []
const key = `${type} ${base64}`
const ecdsa = publics.ecdsa?.split(' ')[1] ?? ''
const rsa = publics.rsa?.split(' ')[1] ?? ''
const token = ['sk-ssh-ed25519@openssh.com', Buffer.alloc(32), 'ssh:'].map((part) => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(Buffer.byteLength(part))
  return Buffer.concat([size, Buffer.from(part)])
})
const sk = `sk-ssh-ed25519@openssh.com ${Buffer.concat(token).toString('base64')}`
const at = (offsetHours: number, zone: '' | 'Z') => {
  const moment = new Date(Date.now() + offsetHours * 3_600_000)
  const shifted = zone === '' ? new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000) : moment
  return shifted.toISOString().slice(0, 16).replace(/[-:T]/g, '') + zone
}

interface Row {
  readonly text: string | Buffer
  /** Why sshd lets in whom we keep out. */
  readonly stricter?: string
  /** Whose key it is; default: ed25519. */
  readonly by?: keyof typeof types
}
const hosts = 'names of hosts are not looked up'
const unsupported = 'docs/gateway.md: an option that is not supported lets nobody in'
const careful = 'what nobody can mean is not guessed at'
const whole = 'an address is written out'

const files: Record<string, Row> = {
  'a key': { text: `${key}\n` },
  'a comment of several words': { text: `${key} some body, "here" # or there\n` },
  'a comment with quotes left open': { text: `${key} say "hello\n` },
  'no newline at the end': { text: key },
  'leading blanks': { text: ` \t  ${key}\n` },
  'trailing blanks': { text: `${key} \t \n` },
  CRLF: { text: `# one\r\n\r\n${key}\r\n` },
  'CRLF, with a comment': { text: `${key} me@here\r\n` },
  'two CRs': { text: `${key}\r\r\n` },
  'CR alone between lines': { text: `# one\r${key}\r` },
  'a comment’s line, and an empty one': { text: `# ${key}\n\n${key}\n` },
  'in a comment': { text: `#${key}\n` },
  'in a comment behind blanks': { text: `  # ${key}\n` },
  'a byte order mark': { text: `\ufeff${key}\n` },
  'a no-break space in front': { text: `\u00a0${key}\n` },
  'a form feed in front': { text: `\f${key}\n` },
  'a vertical tab in front': { text: `\v${key}\n` },
  'a zero byte in front': { text: `\0${key}\n` },
  'a zero byte in the comment': { text: `${key} me\0here\n` },
  'a zero byte in the options': { text: `no-pty\0 ${key}\n` },
  'Latin-1 in the comment': { text: Buffer.from(`${key} caf\xe9\n`, 'latin1') },
  'Latin-1 in the command': {
    text: Buffer.from(`command="echo caf\xe9" ${key}\n`, 'latin1'),
    stricter: 'options are UTF-8',
  },
  'UTF-8 in the command': { text: `command="echo café" ${key}\n` },
  'a tab behind the type': { text: `${type}\t${base64} me\n` },
  'two blanks behind the type': { text: `${type}  ${base64} me\n` },
  'the type in capitals': { text: `${type.toUpperCase()} ${base64}\n` },
  'another type than the key’s': { text: `ssh-rsa ${base64}\n` },
  'no type': { text: `${base64}\n` },
  'a number in front, as in SSH 1': { text: `1024 ${key}\n` },
  'wrong base64': { text: `${type} ${base64.slice(0, -3)}!!!\n` },
  'base64 that is cut': { text: `${type} ${base64.slice(0, 40)}\n` },
  'base64 with a blank in it': { text: `${type} ${base64.slice(0, 40)} ${base64.slice(40)}\n` },
  'base64 with more behind it': { text: `${type} ${base64}AAAA\n` },
  'base64 without its padding': { text: `ecdsa-sha2-nistp256 ${ecdsa.replace(/=+$/, '')}\n`, by: 'ecdsa' },
  'base64 with too much padding': { text: `ecdsa-sha2-nistp256 ${ecdsa}=\n`, by: 'ecdsa' },
  'of ECDSA': { text: `ecdsa-sha2-nistp256 ${ecdsa}\n`, by: 'ecdsa' },
  'ssh-rsa': { text: `no-pty ssh-rsa ${rsa} me\n`, by: 'rsa' },
  'the name of a signature for a type': {
    ...{ text: `rsa-sha2-512 ${rsa}\n`, by: 'rsa', stricter: 'a type is what the key’s own bytes say' },
  },
  'RSA of 1024 bits': { text: `${publics.short}\n`, by: 'short', stricter: '2048 bits at least' },
  'a key on a token, then one': { text: `${sk}\n${key}\n` },
  'a broken line, then a key': { text: `restrict,\ncommand="x ${key}\n${key}\n` },
  'two lines of a key': { text: `no-pty,command="echo first" ${key}\n${key}\n` },
  'two lines of a key, the first from elsewhere': { text: `from="10.0.0.1" ${key}\ncommand="echo second" ${key}\n` },
  'two lines of a key, the first out of date': { text: `expiry-time="20200101" ${key}\nno-pty ${key}\n` },
  'a long comment': { text: `${key} ${'x'.repeat(70_000)}\n` },
  'a long command': { text: `command="echo ${'x'.repeat(9000)}" ${key}\n` },
  'a long line of options': { text: `${'no-pty,'.repeat(2000)}no-pty ${key}\n` },

  restrict: { text: `restrict ${key}\n` },
  'restrict, then some of it': { text: `restrict,pty,port-forwarding ${key}\n` },
  'some, then restrict': { text: `pty,port-forwarding,restrict ${key}\n` },
  'no and yes': { text: `no-pty,pty,no-agent-forwarding ${key}\n` },
  'in capitals': { text: `NO-PTY,No-Agent-Forwarding ${key}\n` },
  twice: { text: `no-pty,no-pty ${key}\n` },
  'of X11 and rc': { text: `no-X11-forwarding,X11-forwarding,no-user-rc,user-rc ${key}\n` },
  'a comma in front': { text: `,no-pty ${key}\n`, stricter: careful },
  'a comma behind': { text: `no-pty, ${key}\n`, stricter: careful },
  'two commas': { text: `no-pty,,restrict ${key}\n`, stricter: careful },
  'a blank behind a comma': { text: `no-pty, restrict ${key}\n` },
  'a tab behind the options': { text: `no-pty\t${key}\n` },
  'a value where there is none': { text: `pty="yes" ${key}\n` },
  unknown: { text: `no-such-option ${key}\n` },
  'unknown, with a value': { text: `no-such="x" ${key}\n` },
  'the start of one': { text: `no-pt ${key}\n` },
  'more than one': { text: `no-pty-x ${key}\n` },
  'no and a value': { text: `no-command="x" ${key}\n` },
  'cert-authority': { text: `cert-authority ${key}\n` },
  principals: { text: `principals="root" ${key}\n` },
  environment: { text: `environment="A=b" ${key}\n`, stricter: unsupported },
  tunnel: { text: `tunnel="0" ${key}\n`, stricter: unsupported },
  'no-touch-required': { text: `no-touch-required ${key}\n`, stricter: unsupported },
  'verify-required': { text: `verify-required ${key}\n`, stricter: unsupported },

  command: { text: `command="echo forced" ${key}\n` },
  'command in capitals': { text: `COMMAND="echo forced" ${key}\n` },
  'a command with a comma': { text: `command="echo a,b",no-pty ${key}\n` },
  'a command with quotes': { text: `command="echo \\"a, b\\" 'c'" ${key}\n` },
  'a command with backslashes': { text: `command="printf 'a\\tb\\\\\\n'" ${key}\n` },
  'a command that ends with a backslash': { text: `command="echo a\\\\" ${key}\n` },
  'a command with a backslash before the end': { text: `command="echo a\\" ${key}\n` },
  'a command with a #': { text: `command="echo a # b" ${key}\n` },
  'a command with another key in it': { text: `command="echo ${publics.rsa}" ${key}\n` },
  'what was asked for': { text: `command="echo <$SSH_ORIGINAL_COMMAND>" ${key}\n` },
  'an empty command': { text: `command="" ${key}\n` },
  'single quotes': { text: `command='echo forced' ${key}\n` },
  'no quotes': { text: `command=true ${key}\n` },
  'quotes left open': { text: `command="echo forced ${key}\n` },
  'more behind the quotes': { text: `command="echo forced"x ${key}\n` },
  'a blank before =': { text: `command ="echo forced" ${key}\n` },
  'no value': { text: `command ${key}\n` },
  'two commands': { text: `command="echo a",command="echo b" ${key}\n` },
  'two commands, a blank between': { text: `command="echo a" command="echo b" ${key}\n` },

  'from one address': { text: `from="127.0.0.1" ${key}\n` },
  'FROM one address': { text: `FROM="127.0.0.1" ${key}\n` },
  'from another': { text: `from="127.0.0.2" ${key}\n` },
  'from a network': { text: `from="127.0.0.0/8" ${key}\n` },
  'from another network': { text: `from="10.0.0.0/8" ${key}\n` },
  'from a network with more bits than it has': { text: `from="127.0.0.1/8" ${key}\n` },
  'from 32 bits': { text: `from="127.0.0.1/32" ${key}\n` },
  'from 33 bits': { text: `from="127.0.0.1/33" ${key}\n` },
  'from no bits': { text: `from="127.0.0.1/" ${key}\n` },
  'from 0 bits': { text: `from="0.0.0.0/0" ${key}\n` },
  'from -8 bits': { text: `from="127.0.0.0/-8" ${key}\n` },
  'from a mask': { text: `from="127.0.0.0/255.0.0.0" ${key}\n` },
  'from a short address': { text: `from="127.1" ${key}\n`, stricter: whole },
  'from an address with zeros': { text: `from="127.000.000.001" ${key}\n`, stricter: whole },
  'from a network, not from one of it': { text: `from="127.0.0.0/8,!127.0.0.1" ${key}\n` },
  'not from one, from a network': { text: `from="!127.0.0.1,127.0.0.0/8" ${key}\n` },
  'not from another, from a network': { text: `from="!127.0.0.2,127.0.0.0/8" ${key}\n` },
  'not from a network, from all': { text: `from="!127.0.0.0/8,*" ${key}\n` },
  'not from another alone': { text: `from="!127.0.0.2" ${key}\n` },
  'not not': { text: `from="!!127.0.0.1" ${key}\n` },
  'from a pattern': { text: `from="127.*.0.?" ${key}\n` },
  'from another pattern': { text: `from="127.*.1.?" ${key}\n` },
  'from all': { text: `from="*" ${key}\n` },
  'from a name': { text: `from="localhost" ${key}\n` },
  'from a name or an address': { text: `from="localhost,127.0.0.1" ${key}\n`, stricter: hosts },
  'not from a name': { text: `from="!*.example.com,127.0.0.1" ${key}\n`, stricter: hosts },
  'from IPv6': { text: `from="::1,2001:db8::/32" ${key}\n` },
  'from IPv4 as IPv6': { text: `from="::ffff:127.0.0.1" ${key}\n` },
  'from blanks in a list': { text: `from="127.0.0.2, 127.0.0.1" ${key}\n` },
  'from a list with nothing in it': { text: `from="127.0.0.1,,10.0.0.1" ${key}\n` },
  'from a list with a comma behind': { text: `from="127.0.0.1," ${key}\n` },
  'from nothing': { text: `from="" ${key}\n` },
  'from twice': { text: `from="127.0.0.1",from="127.0.0.1" ${key}\n` },

  'until a day': { text: `expiry-time="20991231" ${key}\n` },
  'until a minute': { text: `expiry-time="209912312359" ${key}\n` },
  'until a second': { text: `expiry-time="20991231235959" ${key}\n` },
  'until a day that was': { text: `expiry-time="20200101" ${key}\n` },
  'until an hour ago': { text: `expiry-time="${at(-1, '')}" ${key}\n` },
  'until in an hour': { text: `expiry-time="${at(1, '')}" ${key}\n` },
  'until an hour ago, Z': { text: `expiry-time="${at(-1, 'Z')}" ${key}\n` },
  'until in an hour, Z': { text: `expiry-time="${at(1, 'Z')}" ${key}\n` },
  'until a day, z': { text: `expiry-time="20991231z" ${key}\n` },
  'until a day, UTC': { text: `expiry-time="20991231UTC" ${key}\n` },
  'until a day, +0100': { text: `expiry-time="209912312359+0100" ${key}\n` },
  'until 30 February': { text: `expiry-time="20990230" ${key}\n` },
  'until month 13': { text: `expiry-time="20991301" ${key}\n` },
  'until 24:00': { text: `expiry-time="209912312400" ${key}\n` },
  'until second 60': { text: `expiry-time="20991231235960" ${key}\n`, stricter: careful },
  'until hyphens': { text: `expiry-time="2099-12-31" ${key}\n` },
  'until an hour': { text: `expiry-time="2099123123" ${key}\n` },
  'until 0': { text: `expiry-time="0" ${key}\n` },
  'until twice': { text: `expiry-time="20991231",expiry-time="20200101" ${key}\n` },
  'until never': { text: `expiry-time="" ${key}\n` },

  permitopen: { text: `permitopen="db:5432",permitopen="*:80",permitopen="[::1]:*" ${key}\n` },
  'permitopen without a port': { text: `permitopen="db" ${key}\n` },
  'permitopen without a host': { text: `permitopen="80" ${key}\n` },
  'permitopen of port 0': { text: `permitopen="db:0" ${key}\n` },
  'permitopen of port 99999': { text: `permitopen="db:99999" ${key}\n` },
  'permitopen of a list': { text: `permitopen="db:1,db:2" ${key}\n` },
  permitlisten: { text: `permitlisten="8080",permitlisten="localhost:80" ${key}\n` },
  'permitlisten of port 0': { text: `permitlisten="0" ${key}\n` },
  'permitlisten of a name': { text: `permitlisten="localhost" ${key}\n` },
  'restrict and permitopen': { text: `restrict,permitopen="db:1" ${key}\n` },
}

/** On this host itself. */
async function bash(line: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn('bash', ['-c', line], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      said[name] += chunk.toString('latin1')
    })
  }
  const [code] = await once(child, 'close')
  return { code, ...said }
}

interface Judged {
  readonly command: string | undefined
  readonly permits: Record<'pty' | 'agent-forwarding' | 'port-forwarding', boolean>
}

/** By a real login; its command is known by what it prints. */
async function bySshd(file: string, by: string): Promise<Judged | undefined> {
  const sshd = await hostSshd(join(home, 'host'), file)
  const words = ['-F none -n -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR']
  words.push(`-o UserKnownHostsFile=/dev/null -p ${sshd.port} -i ${join(home, by)} root@127.0.0.1 'echo asked'`)
  const { code, stdout, stderr } = await bash(`ssh ${words.join(' ')}`)
  sshd.close()
  if (/Permission denied \(publickey\)/.test(stderr)) return undefined
  if (code === 255) throw new Error(`${stderr}\n${sshd.said()}`)
  const options = [...sshd.said().matchAll(/key options:(.*)/g)].at(-1)?.[1]?.split(' ') ?? []
  return {
    command: options.includes('command') ? stdout : undefined,
    permits: permitsOf((name) => options.includes(name)),
  }
}

function permitsOf(has: (name: keyof Judged['permits']) => boolean): Judged['permits'] {
  return {
    ...{ pty: has('pty'), 'agent-forwarding': has('agent-forwarding'), 'port-forwarding': has('port-forwarding') },
  }
}

async function byUs(file: string, by: string): Promise<Judged | undefined> {
  const blob = parsePublic(publics[by] ?? '')?.blob ?? Buffer.alloc(0)
  const entry = lineFor(new AuthorizedKeys(file, () => undefined).read(), blob, '127.0.0.1')
  if (!entry) return undefined
  const { forced, terminal, agent, forwards } = entry.permits
  const has = { pty: terminal, 'agent-forwarding': agent, 'port-forwarding': forwards }
  if (forced === undefined) return { command: undefined, permits: has }
  if (typeof forced !== 'string') throw new Error('no row is for files')
  // What sshd’s ran was run by the shell of the host’s root.
  const { stdout } = await bash(forced, { SSH_ORIGINAL_COMMAND: 'echo asked' })
  return { command: stdout, permits: has }
}

const judged = new Map<string, { theirs: Judged | undefined; ours: Judged | undefined }>()
beforeAll(async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'host')])
  const rows = Object.entries(files)
  const some = async () => {
    for (let row = rows.pop(); row; row = rows.pop()) {
      const [name, { text, by = 'ed25519' }] = row
      const file = join(home, `${rows.length}.keys`)
      writeFileSync(file, text, { mode: 0o600 })
      judged.set(name, { theirs: await bySshd(file, by), ours: await byUs(file, by) })
    }
  }
  await Promise.all([some(), some(), some()])
})

test.each(Object.entries(files))('%s', (name, { stricter }) => {
  const { theirs, ours } = judged.get(name) ?? {}
  if (!theirs) expect({ ours, stricter }).toEqual({})
  // A reason that is none any more is not left.
  else if (stricter !== undefined) expect({ ours, stricter }).toEqual({ stricter })
  else expect(ours).toEqual(theirs)
})
