/** `docker-bash --help`: 24 lines of 80 columns. */
export const rootHelp = `docker-bash: one command into any container, by the best way there is.

  docker-bash TARGET [COMMAND [ARG…]]     without COMMAND a shell; alone, a list
  docker-bash web                         a shell in the container named web
  docker-bash \`dl\` echo hello             the newest container (-l: that runs)
  docker-bash web tar c /data | tar x     streams and exit codes come through
  docker-bash -c 'ps aux | wc -l' web     a script, run by the container's shell

enter    [enter] TARGET  -u user  -w folder  -e K=V  -t, -T tty  -n no stdin
look     ls  what runs   ip  addresses   dl  the newest ID   explain  ways in
many     run 'web-*' db label:k=v -- COMMAND   in all of them at once   --all
files    cp web:/etc/nginx .  out of it   cp a b web:/srv/  into it   -a  owners
ports    forward web 8080:80  its port 80 here    -R  ours in it  -D  a proxy
debug    debug TARGET  tools where there are none; a copy of what does not run
keys     key install | list | rotate | revoke TARGET    sshd TARGET
clients  ssh-config install  then ssh web.docker, scp; proxy    gateway  others
image    image build  services, sshd, an init    init [DIR]  a project on it
setup    completion install  plugin install  docker bash web  doctor  all well?
engine   -H URL  --context NAME  DOCKER_HOST  DOCKER_CONTEXT    config  settings

TARGET   an ID, a name, a compose service (web, web#2), the start of an ID, a
         swarm's task (web.2); or name: id: service: image: label:k=v task:
Flags stand before it. docker-bash COMMAND --help says more of each. 125 is our
own exit code, 255 a lost connection, every other the command's.
`
