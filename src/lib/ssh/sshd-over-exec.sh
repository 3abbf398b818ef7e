# Becomes an SSH server of one connection. $1 its path, $2 the port it is to believe in. `sshd -i` wants its folder, which
# an init makes in /run; in a container there often is no init.

[ -d /run/sshd ] || [ ! -d /run ] || mkdir -m 755 /run/sshd 2>/dev/null
exec "$1" -i -e -p "$2"
