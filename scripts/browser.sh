#!/bin/sh
# Chromium for the browser tests: taken from the system's packages when it is missing and that may be done.
set -u

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then
    exit 0
  fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests …"
  export DEBIAN_FRONTEND=noninteractive
  if { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1; then
    exit 0
  fi
fi
echo "No Chromium, so the browser tests are skipped. To run them: sudo apt-get install chromium fonts-noto-cjk"
