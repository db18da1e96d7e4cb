#!/bin/sh
# Every check that runs nothing of ours but reads it. All of them run; one that fails fails the whole.
set -u
failed=0

check() {
  name=$1
  shift
  if output=$("$@" 2>&1); then
    printf '  ok    %s\n' "$name"
  else
    failed=1
    printf '  FAIL  %s\n%s\n' "$name" "$output"
  fi
}

check "style" ruff check --output-format concise .
check "form" ruff format --check --quiet .
check "types" mypy
check "import contracts" lint-imports --no-cache
for lint in scripts/lint/*.py; do
  check "$(basename "$lint" .py | tr _ ' ')" python "$lint"
done
check "references" python scripts/reference.py --check
check "links" python scripts/links.py
exit $failed
