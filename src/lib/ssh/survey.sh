# What a container says of its SSH server: one line a fact, its kind in front. $1 the login, by name or number. Only
# reads, but for sshd's own folder, without which it does not even print its configuration; it is taken away again. -C
# makes it apply `Match user`.

for p in /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd /usr/bin/sshd "$(command -v sshd)"; do
  [ -x "$p" ] && break
  p=
done
# shellcheck disable=SC2034 # not every field is of use
while IFS=: read -r name x uid gid info home shell; do
  if [ "$name" = "$1" ] || [ "$uid" = "$1" ]; then
    echo "user $name:$uid:$gid:$home:$shell"
    found=$name
    break
  fi
done < /etc/passwd
[ -f /etc/insecure_key.pub ] && { IFS= read -r line < /etc/insecure_key.pub; echo "insecure $line"; }
[ -e /etc/service/sshd/run ] && { if [ -e /etc/service/sshd/down ]; then echo runit down; else echo runit up; fi; }
[ -x /etc/my_init.d/00_regen_ssh_host_keys.sh ] && echo regenerates yes
[ -n "$p" ] || exit 0
echo "program $p"
made=
[ -d /run/sshd ] || [ ! -d /run ] || { mkdir -m 755 /run/sshd && made=1; } 2>/dev/null
"$p" -T -C "user=${found:-root},host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22" 2>&1 | while IFS= read -r line; do
  echo "says $line"
  case $line in
    hostkey\ *) f=${line#hostkey }.pub; [ -f "$f" ] && { IFS= read -r key < "$f"; echo "key $key"; } ;;
  esac
done
[ -z "$made" ] || rmdir /run/sshd 2>/dev/null
for d in /proc/[0-9]*; do
  { read -r comm < "$d/comm"; } 2>/dev/null || continue
  [ "$comm" = sshd ] || continue
  if command -v dd >/dev/null 2>&1; then line=$(dd "if=$d/cmdline" bs=4096 count=1) 2>/dev/null
  else read -r line < "$d/cmdline"; fi 2>/dev/null
  line=${line%%
*}
  case $line in *'[listener]'*|"$p"*) echo "server $line" ;; esac
  line=
done
for f in /proc/net/tcp /proc/net/tcp6; do
  # shellcheck disable=SC2034 # not every field is of use
  { while read -r n local remote state rest; do [ "$state" = 0A ] && echo "listens $local"; done < "$f"; } 2>/dev/null
done
exit 0
