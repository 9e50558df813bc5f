#!/bin/sh
# run_target.sh TARGET CORPUS FOUND: fuzzes for ROLLCALL_FUZZ_SECONDS (10) over the seeds in CORPUS and
# over what earlier runs kept in FOUND. A crash, a leak or a hang fails, and its input is left in FOUND.
set -eu
target=$1 corpus=$2 found=$3
mkdir -p "$found"
exec "$target" -max_total_time="${ROLLCALL_FUZZ_SECONDS:-10}" -timeout=5 -rss_limit_mb=1024 -verbosity=0 \
  -print_final_stats=1 -artifact_prefix="$found/" "$found" "$corpus"
