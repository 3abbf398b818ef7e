// A port of a container by forward, beside the same port published (docker-proxy) and by socat in its namespace.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { ensurePackages } from '../scripts/packages.mjs'
import { row } from './rows.mjs'

const ports = { ours: 7002, proxy: 7001, socat: 7003 }

/** In the container's network: as many bytes as a line asks for, to one client after the other; with a minus it takes them. */
const server = `use strict; use IO::Socket::INET;
  my $at = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die;
  my $block = "\\0" x 1048576;
  while (my $one = $at->accept) {
    # Not by lines: what comes behind it is not read ahead.
    my ($left, $byte) = ('');
    while (sysread($one, $byte, 1) && $byte ne "\\n") { $left .= $byte }
    for (my $more = -$left; $more > 0;) { $more -= sysread($one, my $bytes, 1048576) || last; $left = 1 }
    while ($left > 0) { my $done = syswrite($one, $block, $left < 1048576 ? $left : 1048576) or last; $left -= $done }
  }`
/** So many times: connects, asks for so many bytes, and reads them to their end; or gives them, and waits for one. */
const client = `use strict; use IO::Socket::INET; my ($port, $times, $size) = @ARGV;
  for (1 .. $times) {
    my $to = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or exit 1;
    syswrite $to, "$size\\n";
    my ($got, $block) = (0, "\\0" x 1048576);
    for (my $left = -$size; $left > 0;) { $left -= syswrite($to, $block, $left < 1048576 ? $left : 1048576) || exit 1 }
    while (my $more = sysread($to, my $bytes, 1048576)) { $got += $more }
    exit 1 if $got != ($size < 0 ? 1 : $size);
  }`

export function forwardRows({ ours, engine, env }) {
  const inNetwork = ['nsenter', `--net=${engine.netns}`]
  const asked = (port, times, size) => [...inNetwork, 'perl', '-e', client, String(port), String(times), String(size)]
  const line = (...words) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const before = () => start({ ours, env, inNetwork, answers: (port) => isWell(asked(port, 1, 1)) })
  const pair = (what, beside, port, how, limits) => {
    const [times, size] = what
    const bulk = `${Math.abs(size) / 1024 ** 3} GiB ${size < 0 ? 'in' : 'out'}`
    const name = `forward, ${times === 1 ? bulk : `${times} requests`}`
    return row(name, beside, line(...asked(ports.ours, times, size)), line(...asked(port, times, size)), how, {
      ...limits,
      before,
    })
  }
  const gibibyte = [1, 1024 ** 3]
  const requests = [200, 1]
  return [
    pair(gibibyte, 'published port', ports.proxy, { rounds: 5, runs: 1 }, { atMost: 1.25, aim: 1 }),
    pair([1, -gibibyte[1]], 'published port', ports.proxy, { rounds: 5, runs: 1 }, { atMost: 1.25, aim: 1 }),
    pair(gibibyte, 'socat in its namespace', ports.socat, { rounds: 5, runs: 1 }, { atMost: 1.25, aim: 1 }),
    pair(requests, 'published port', ports.proxy, { rounds: 5, runs: 1 }, { atMost: 2, aim: 1.5 }),
    pair(requests, 'socat in its namespace', ports.socat, { rounds: 5, runs: 1 }, { atMost: 2, aim: 0.5 }),
  ]
}

function isWell([program, ...words]) {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0
}

/** @returns ends all of it */
function start({ ours, env, inNetwork, answers }) {
  ensurePackages({ socat: 'socat' })
  const docker = (...words) => execFileSync('docker', words, { env, encoding: 'utf8' }).trim()
  const name = 'bench-forward'
  const published = `127.0.0.1:${ports.proxy}:8000`
  docker('run', '-d', '--name', name, '-p', published, 'bench/busybox:latest', 'sleep', '86400')
  const pid = docker('inspect', '-f', '{{.State.Pid}}', name)
  const inside = `nsenter -t ${pid} --net`
  const listen = `TCP-LISTEN:${ports.socat},bind=127.0.0.1,fork,reuseaddr`
  const children = [
    [...inside.split(' '), 'perl', '-e', server],
    [...inNetwork, ours, 'forward', name, `${ports.ours}:8000`],
    // By itself it waits half a second for the other side once one has ended.
    [...inNetwork, 'socat', '-t0.01', listen, `EXEC:${inside} socat -t0.01 STDIO TCP\\:127.0.0.1\\:8000`],
  ].map(([program, ...words]) => spawn(program, words, { env, stdio: 'ignore' }))
  const undo = () => {
    for (const child of children) child.kill()
    docker('rm', '-f', name)
  }
  for (const [who, port] of Object.entries(ports)) {
    let left = 100
    while (!answers(port) && left-- > 0) spawnSync('sleep', ['0.2'])
    if (left < 0) {
      undo()
      throw new Error(`nothing answers by ${who}`)
    }
  }
  return undo
}
