#!/bin/dash
# 00_regen_ssh_host_keys.sh [-f]
#
# Makes the SSH host keys that are missing, at a container's first boot, so that none is part of an image. Keys that
# exist are kept. While sshd is switched off (/etc/service/sshd/down) it makes none, unless told to by -f.
set -u

# sshd needs this folder even when it is called by hand, and /run may be a fresh tmpfs.
install -d -m 0755 /run/sshd

if [ -e /etc/service/sshd/down ] && [ "${1-}" != -f ]; then
  exit
fi
# Not stdout: that belongs to the command of `my_init -- COMMAND`.
exec >&2
if [ -w /etc/ssh ]; then
  exec ssh-keygen -A
fi

# A read-only root: they go to /run, and a file that sshd's configuration includes says so.
[ ! -e /etc/ssh/ssh_host_ed25519_key ] || exit 0
mkdir -p /run/sshd/etc/ssh
ssh-keygen -A -f /run/sshd || exit
for key in /run/sshd/etc/ssh/ssh_host_*_key; do
  echo "HostKey $key"
done >/run/sshd/host_keys.conf
