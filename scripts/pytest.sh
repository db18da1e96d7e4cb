#!/bin/sh
# pytest, with development mode on so that a coroutine never awaited or a socket left open is seen.
# What fails beside others is run once more alone: a failure stands only when it fails again, and both are shown.
export PYTHONHASHSEED=0
python -X dev -m pytest "$@" && exit 0
echo "Once more, what failed, one after the other:"
exec env -u TESTS_SKIPPED python -X dev -m pytest "$@" -n 0 --last-failed --last-failed-no-failures none
