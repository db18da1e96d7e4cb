#!/bin/sh
# Pin what pyproject.toml asks for. The files carry hashes, so any index may serve them, and no address of one.
set -eu

compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" "$@"
}

compile requirements/build.in -o requirements/build.txt
compile requirements/node.in -o requirements/node.txt
compile pyproject.toml -o requirements/runtime.txt
compile requirements/mariadb.in -o requirements/mariadb.txt
compile --extra dev -c requirements/mariadb.txt -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
