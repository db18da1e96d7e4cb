#!/bin/sh
# LiteLLM's proxy in an environment of its own, to be measured beside ours; nothing else uses it.
set -eu
venv=${1:-.venv}
place=bench/data/litellm
[ -x "$place/bin/litellm" ] && exit 0
echo "Installing LiteLLM's proxy into $place …"
"$venv/bin/python" -m venv "$place"
"$place/bin/python" -m pip install --quiet --disable-pip-version-check "litellm[proxy]==1.77.7"
