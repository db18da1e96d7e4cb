#!/bin/sh
# What a file of `TESTS_SKIPPED` holds: how many tests were skipped, a line for each reason, the most first.
set -eu
[ -s "$1" ] || exit 0
awk -F'\t' '{ count[$2] += $1; all += $1 } END { for (reason in count) printf "%6d skipped: %s\n", count[reason], reason }' "$1" |
  sort -rn
