# For good: it stays down at the next start.

touch /etc/service/sshd/down && exec sv -w 10 force-stop /etc/service/sshd
