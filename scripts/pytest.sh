#!/bin/sh
# pytest, with development mode on so that a coroutine never awaited or a socket left open is seen.
export PYTHONHASHSEED=0
exec python -X dev -m pytest "$@"
