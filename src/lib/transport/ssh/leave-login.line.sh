# sshd gives a login an environment of its own making, which is left behind here. $1 is `shell` to keep what a login shell
# expects; then the words of the next.

_k=$1
shift
if [ -n "${SSH_AUTH_SOCK-}" ]; then set -- "SSH_AUTH_SOCK=$SSH_AUTH_SOCK" "$@"; fi
if [ "$_k" = shell ]; then
  set -- "USER=${USER-}" "LOGNAME=${LOGNAME-}" "SHELL=${SHELL-}" "SSH_CONNECTION=${SSH_CONNECTION-}" "$@"
fi
exec env -i "HOME=${HOME-}" "PATH=$PATH" "$@"
