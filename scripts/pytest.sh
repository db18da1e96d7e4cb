#!/bin/sh
# pytest, with development mode on so that a coroutine never awaited or a socket left open is seen.
# What fails beside others is run once more alone: a failure stands only when it fails again, and both are shown.
export PYTHONHASHSEED=0
python -X dev -m pytest "$@" && exit 0
# Tests that are kept together are remembered with their group's name, by which alone they would not be found again.
failed=.pytest_cache/v/cache/lastfailed
[ -f "$failed" ] && sed 's/@[A-Za-z0-9_-]*": true/": true/' "$failed" > "$failed.plain" && mv "$failed.plain" "$failed"
echo "Once more, what failed, one after the other:"
exec python -X dev -m pytest "$@" -n 0 --last-failed --last-failed-no-failures none
