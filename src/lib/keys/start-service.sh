# Only runit's own service is touched. `sv` waits until it runs.

rm -f /etc/service/sshd/down && exec sv -w 10 start /etc/service/sshd
