# Becomes the container's own sftp-server, from wherever distributions have OpenSSH's.

for folder in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/libexec/ssh /usr/libexec; do
  if [ -x "$folder/sftp-server" ]; then exec "$folder/sftp-server"; fi
done
echo 'docker-bash: there is no sftp-server in it; root on the host of its engine needs none' >&2
exit 127
