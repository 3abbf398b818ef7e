# my_init's own script where there is one, since it knows about read-only roots; else what the package itself does.

# shellcheck disable=SC2174 # /run is as everywhere
[ -d /run/sshd ] || mkdir -p -m 755 /run/sshd
if [ -x /etc/my_init.d/00_regen_ssh_host_keys.sh ]; then exec /etc/my_init.d/00_regen_ssh_host_keys.sh -f; fi
exec ssh-keygen -A
