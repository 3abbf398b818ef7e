// What is measured beside what: docker-bash and dl beside Docker's own client.
export function rows({ ours, dl, container, file }) {
  const echo = { rounds: 8, runs: 5 }
  const bulk = { rounds: 3, runs: 1 }
  const gib = 1024 ** 3
  const out = (enter) => `${enter} ${container} head -c ${gib} /dev/zero >/dev/null`
  const into = (enter) => `${enter} ${container} sh -c 'cat >/dev/null' <${file}`
  const docker = 'docker exec -i'
  return [
    row(
      'echo hello, auto',
      'docker exec',
      `${ours} ${container} echo hello`,
      `docker exec ${container} echo hello`,
      echo,
    ),
    row(
      'echo hello, --via exec',
      'docker exec',
      `${ours} --via exec ${container} echo hello`,
      `docker exec ${container} echo hello`,
      echo,
    ),
    row('1 GiB out, auto', docker, out(ours), out(docker), bulk),
    row('1 GiB out, --via exec', docker, out(`${ours} --via exec`), out(docker), bulk),
    row('1 GiB in, auto', docker, into(ours), into(docker), bulk),
    row('1 GiB in, --via exec', docker, into(`${ours} --via exec`), into(docker), bulk),
    row('dl', 'node -e 0', dl, 'node -e 0', echo),
    row('--help', 'docker ps', `${ours} --help`, 'docker ps', echo),
    row('ls', 'docker ps', `${ours} ls`, 'docker ps', echo),
  ]
}

export function row(what, beside, ours, theirs, how) {
  return { what, beside, lines: { ours, theirs }, how }
}
