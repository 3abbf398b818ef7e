# Becomes the container's own sftp-server, from wherever distributions have OpenSSH's; 127 where there is none.

for folder in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/libexec/ssh /usr/libexec; do
  if [ -x "$folder/sftp-server" ]; then exec "$folder/sftp-server"; fi
done
exit 127
