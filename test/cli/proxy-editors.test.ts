/**
 * What editors with a server of their own do over SSH, by their public protocol: VS Code's Remote-SSH and JetBrains'
 * Gateway begin with a shell that reads an installer, and then use forwarding, files and many channels at once.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { container } from '../support/containers'
import { sshClient } from '../support/ssh-client'

test('a probe by a shell, a tar over its input, a server by TCP and by socket, 30 channels at once', async () => {
  const client = await sshClient()
  const { name } = await container({ image: 'debian', hostConfig: { Binds: ['/usr:/usr:ro'] } })
  const box = `${name}.docker`
  const folder = join(client.home, 'editor')
  mkdirSync(folder)
  // The server, which says on which port it listens, and stays for as long as its shell.
  const server =
    'const http = require("node:http"); const serve = (at) => http.createServer((q, a) => a.end(q.url)).listen(at); serve("/tmp/code.sock"); const s = serve({ port: 0, host: "127.0.0.1" }); s.on("listening", () => console.log("port==" + s.address().port + "=="))'
  writeFileSync(join(folder, 'server.cjs'), server)
  const installer = [
    'printf "%s\\n" start==; uname -sm; command -v tar; echo "$SHELL" | wc -l',
    'mkdir -p ~/.editor && base64 -d <<END | tar -xzf - -C ~/.editor',
    '$(tar -czf - server.cjs | base64)',
    'END',
    'node ~/.editor/server.cjs & echo end==',
    'wait',
  ]
  const { stdout, stderr } = await client.line(
    [
      'set -u',
      // As VS Code does it: `ssh -T -D PORT HOST bash`, the installer on stdin, which stays open.
      `master="ssh -F $cfg -o ControlPath=$PWD/m"`,
      `mkfifo in out; $master -M -T -D 18311 -L $PWD/code.sock:/tmp/code.sock ${box} bash <in >out & exec 3>in 4<out`,
      `cat >&3 <<WHOLE`,
      ...installer.map((line) => line.replaceAll('$SHELL', '\\$SHELL')),
      'WHOLE',
      'while read -r line <&4; do echo "$line"; case $line in port==*) port=${line//[a-z=]/}; break ;; esac; done',
      'echo "SOCKS $(curl -sS --max-time 10 --socks5-hostname 127.0.0.1:18311 http://localhost:$port/by-tcp)"',
      'echo "socket $(curl -sS --max-time 10 --unix-socket code.sock http://x/by-socket)"',
      // JetBrains' has files and commands beside each other; 10 of the channels are files'.
      `for at in $(seq 30); do case $at in *0|*5|*7) $master -s ${box} sftp </dev/null >/dev/null ;; *) test "$($master ${box} "echo $at; sleep 1")" = $at ;; esac & p[$at]=$!; done`,
      'failed=0; for q in "${p[@]}"; do wait $q || failed=$((failed + 1)); done; echo "failed $failed"',
      // Its shell still waits for the server, as that of VS Code does: both go with the connection.
      `$master -O exit ${box} 2>&1; exec 3>&-; wait`,
    ].join('\n'),
    { cwd: folder, timeoutMs: 30_000 },
  )
  expect(stderr).toBe('')
  const lines = stdout
    .toString()
    .replace(/port==\d+==/, 'port==')
    .split('\n')
  expect(lines).toEqual(expect.arrayContaining(['start==', '/usr/bin/tar', 'end==', 'port==']))
  expect(lines.slice(-5)).toEqual(['SOCKS /by-tcp', 'socket /by-socket', 'failed 0', 'Exit request sent.\r', ''])
})
