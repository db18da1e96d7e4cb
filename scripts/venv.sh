#!/bin/sh
# Make a virtual environment with the newest Python from 3.11 on that this machine has.
set -eu
venv=$1

for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
  path=$(command -v "$name" 2>/dev/null) || continue
  case $path in "$PWD/$venv"/*) continue ;; esac
  "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  if ! "$path" -c 'import venv, ensurepip' 2>/dev/null; then
    lacking=$path
    continue
  fi
  if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exit 0
  fi
  echo "Making $venv with $("$path" --version) …"
  exec "$path" -m venv "$venv"
done

if [ -n "${lacking:-}" ]; then
  echo "$lacking has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2
else
  echo "Miaohui needs Python 3.11 or newer, and none was found on the PATH." >&2
fi
exit 1
