# Run inside by any POSIX shell, with nothing but what it has built in: says what it is held by.

for f in status cgroup attr/current; do
  echo "== $f"
  while read -r l || [ -n "$l" ]; do echo "$l"; done 2>/dev/null </proc/self/$f
done
echo "== env"
export -p
