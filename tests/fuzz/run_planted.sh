#!/bin/sh
# run_planted.sh TARGET CORPUS FOUND: fails unless fuzzing TARGET over CORPUS ends within 60 s in the
# overflow that was planted in it.
set -eu
target=$1 corpus=$2 found=$3
rm -rf "$found"
mkdir -p "$found"
if "$target" -max_total_time=60 -verbosity=0 -artifact_prefix="$found/" "$found" "$corpus" >"$found/log" 2>&1; then
  echo "60 s of fuzzing found nothing"
  exit 1
fi
grep -E 'AddressSanitizer: (stack|heap)-buffer-overflow' "$found/log"
