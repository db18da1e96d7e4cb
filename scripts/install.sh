#!/bin/sh
# Install hash-pinned requirements and this project (editable) into a virtual environment.
# usage: scripts/install.sh VENV REQUIREMENTS…
set -eu
venv=$1
shift
python=$venv/bin/python
first=requirements/build.txt

# uv is ten times faster than pip and reads the same files; where it cannot, pip does it.
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$python" -m pip install --quiet --require-hashes -r "$first"
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}}
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"

install() {
  "$venv/bin/uv" pip install --quiet --system-certs --python "$python" "$@" 2>/dev/null ||
    "$python" -m pip install --quiet "$@"
}

for file in "$@"; do
  [ "$file" != "$first" ] || continue
  echo "Installing $file …"
  install --require-hashes -r "$file"
done
MIAOHUI_SKIP_WEB=1 install --no-deps --no-build-isolation -e .
