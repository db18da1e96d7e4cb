#!/bin/sh
# Make a virtual environment with the newest Python from 3.11 on that this machine has, or a much faster one: a Python
# compiled without its optimisations, as version managers often make it, takes half as long again for everything.
set -eu
venv=$1
old_enough='import sys; sys.exit(sys.version_info < (3, 11))'
best_us='
import time
class Part:
    def __init__(self, size):
        self.size = size
    def longer(self, by):
        return self.size + by
def took():
    began = time.process_time()
    total = 0
    for number in range(60_000):
        total = Part(number).longer(total) % 1000
    return time.process_time() - began
print(round(min(took() for _ in range(5)) * 1e6))'
much_faster=120 # percent

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "import pip; $old_enough" 2>/dev/null; then
  exit 0
fi

chosen='' chosen_us='' lacking='' seen=:
for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
  IFS=:
  for folder in $PATH /usr/local/bin /usr/bin; do
    path=$folder/$name
    real=$(readlink -f "$path" 2>/dev/null || echo "$path")
    case $path in "$PWD/$venv"/*) continue ;; esac
    case $seen in *":$real:"*) continue ;; esac
    seen=$seen$real:
    [ -x "$path" ] && "$path" -c "$old_enough" 2>/dev/null || continue
    if ! "$path" -c 'import venv, ensurepip' 2>/dev/null; then
      lacking=$path
      continue
    fi
    us=$("$path" -c "$best_us")
    if [ -z "$chosen" ] || [ $((us * much_faster)) -lt $((chosen_us * 100)) ]; then
      chosen=$path chosen_us=$us
    fi
  done
  unset IFS
done

if [ -n "$chosen" ]; then
  echo "Making $venv with $("$chosen" --version) ($chosen) …"
  exec "$chosen" -m venv --clear "$venv"
fi
if [ -n "$lacking" ]; then
  echo "$lacking has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2
else
  echo "Miaohui needs Python 3.11 or newer, and none was found on the PATH." >&2
fi
exit 1
