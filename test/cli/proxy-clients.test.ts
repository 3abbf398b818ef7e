/** SSH clients that are not OpenSSH, each as Debian has it, by `docker-bash proxy` as their proxy command. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { type Container, container } from '../support/containers'
import { root } from '../support/engine'
import { type SshClient, sshClient } from '../support/ssh-client'

let client: SshClient
let web: Container
beforeAll(async () => {
  ensurePackages({
    ...{ dbclient: 'dropbear-bin', plink: 'putty-tools', psftp: 'putty-tools', lftp: 'lftp', rsync: 'rsync' },
    ...{ curl: 'curl', git: 'git' },
  })
  client = await sshClient()
  web = await container({ image: 'busybox' })
})

const by = async (line: string) => {
  const { code, stdout } = await client.line(line.replaceAll('PROXY', `docker-bash proxy ${web.name}`))
  return { code, stdout: stdout.toString() }
}
const known = '~/.local/share/docker-bash/gateway/known_hosts'

test('dropbear: its guess at the key exchange, a command, its code', async () => {
  const line = `dbclient -y -y -J 'PROXY' docker-bash@web 'cat; exit 3' <<<in`
  expect(await by(line)).toEqual({ code: 3, stdout: 'in\n' })
})

test('PuTTY: plink and psftp', async () => {
  const key = `-hostkey "$(ssh-keygen -lf ${known} | cut -d' ' -f2)"`
  expect(await by(`plink -batch ${key} -proxycmd 'PROXY' -l docker-bash web 'cat; exit 4' <<<in`)).toEqual({
    ...{ code: 4, stdout: 'in\n' },
  })
  const files = await by(`psftp -batch ${key} -proxycmd 'PROXY' -l docker-bash web <<<'pwd'`)
  expect(files).toMatchObject({ code: 0, stdout: expect.stringContaining('Remote directory is /root') })
})

const paramiko = `
import paramiko, sys
proxy = paramiko.ProxyCommand(sys.argv[1])
client = paramiko.Transport(proxy)
client.start_client()
client.auth_none('docker-bash')
session = client.open_session()
session.exec_command('echo hello; exit 5')
print(session.makefile().read().decode(), session.recv_exit_status())
files = paramiko.SFTPClient.from_transport(client)
print(files.normalize('.'), 'bin' in files.listdir('/'))
client.close()
`

const asyncssh = `
import asyncio, asyncssh, sys
async def main():
    asked = dict(username='docker-bash', known_hosts=None, client_keys=None, config=None)
    async with asyncssh.connect('web', proxy_command=sys.argv[1].split(), **asked) as client:
        ended = await client.run('echo hello; exit 6')
        print(ended.stdout, ended.exit_status)
        async with client.start_sftp_client() as files:
            print(await files.realpath('.'), 'bin' in await files.listdir('/'))
asyncio.run(main())
`

test.each([
  ['paramiko', paramiko, 5],
  ['asyncssh', asyncssh, 6],
] as const)('%s: a command and files', async (name, script, status) => {
  writeFileSync(join(client.home, `by-${name}.py`), script)
  expect(await by(`/usr/bin/python3 -W ignore ~/by-${name}.py 'PROXY'`)).toEqual({
    ...{ code: 0, stdout: `hello\n ${status}\n/root True\n` },
  })
})

test('lftp', async () => {
  const line = `lftp -c "set sftp:connect-program 'ssh -a -x -F $cfg'; open sftp://docker-bash:@${web.name}.docker; ls /"`
  expect(await by(line)).toMatchObject({ code: 0, stdout: expect.stringMatching(/ bin$/m) })
})

test('curl, which has no proxy command: by a port', async () => {
  const listener = join(root, 'test/fixtures/as-sshd-listener.cjs')
  const key = `$(cut -d' ' -f3 ${known} | base64 -d | openssl dgst -sha256 -binary | base64)`
  const { code, stdout, stderr } = await client.line(
    [
      `node ${listener} 18321 ~/pid docker-bash proxy ${web.name} & until test -e ~/pid; do sleep 0.05; done`,
      'head -c 300000 /dev/urandom >sent; at=sftp://docker-bash:@127.0.0.1:18321/tmp/curl',
      `c="curl -sS --hostpubsha256 ${key}"; $c -T sent $at && $c -o back $at && cmp sent back && $c $at.none; echo $?; kill $!`,
    ].join('\n'),
  )
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    ...{ code: 0, stdout: '78\n', stderr: expect.stringMatching(/^curl: \(78\)/) },
  })
})

test('rsync, git and the old scp, by their own program in the container; without it, the shell says so', async () => {
  // This machine's programs are Debian's, too.
  const box = await container({ image: 'debian', hostConfig: { Binds: ['/usr:/usr:ro'] } })
  const rsync = 'rsync -a --out-format=%n -e "ssh -F $cfg"'
  const at = `ssh://${box.name}.docker/tmp/repo.git`
  const { code, stdout, stderr } = await client.line(
    [
      'set -e; cd "$(mktemp -d)"; mkdir tree; for name in $(seq 1000); do echo $name >tree/$name; done',
      `${rsync} tree ${box.name}.docker:/tmp/ | wc -l; ${rsync} tree ${box.name}.docker:/tmp/; ${rsync} ${box.name}.docker:/tmp/tree back >list`,
      'diff -r tree back/tree; echo same',
      `scp -q -O -r -F $cfg tree ${box.name}.docker:/tmp/old; scp -q -O -r -F $cfg ${box.name}.docker:/tmp/old old; diff -r tree old; echo same`,
      `scp -q -s -F $cfg tree/7 ${box.name}.docker:/tmp/seven; scp -q -s -F $cfg ${box.name}.docker:/tmp/seven .; cmp seven tree/7; echo same`,
      `export GIT_SSH_COMMAND="ssh -F $cfg"; $GIT_SSH_COMMAND ${box.name}.docker git init -q --bare /tmp/repo.git`,
      `git() { command git -c user.name=me -c user.email=me@there -c init.defaultBranch=main "$@"; }`,
      `git init -q one; cp -r tree one; git -C one add .; git -C one commit -qm all; git -C one push -q ${at} main`,
      `git clone -q -b main ${at} two; diff -r tree two/tree; echo more >>two/tree/1; git -C two commit -qam more; git -C two push -q`,
      `git -C one pull -q ${at} main; tail -n 1 one/tree/1`,
    ].join('\n'),
    { timeoutMs: 60_000 },
  )
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    code: 0,
    stdout: '1001\nsame\nsame\nsame\nmore\n',
    stderr: '',
  })
  const without = await client.line(`rsync -e "ssh -F $cfg" $cfg ${web.name}.docker:/tmp/`)
  expect(without.stderr).toMatch(/rsync: not found/)
})
