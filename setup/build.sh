#!/bin/bash
# setup/build.sh PRESET [TARGET...]  configures and builds into build/PRESET; all targets when none is named.
#
# Build folders are kept; a second build only does what changed. ROLLCALL_JOBS limits the processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1
shift
folder=build/$preset

fail() {
  echo "build: $*" >&2
  exit 1
}

# A build takes up to 1.5 GB per preset; a full disk half-way through is hard to read.
free_mb=$(($(df --output=avail -k . | tail -n 1) / 1024))
[ "$free_mb" -ge 1500 ] || fail "only $free_mb MB are free here and a build needs 1500 MB; nothing was started."
mkdir -p "$folder" 2>/dev/null || fail "cannot make $folder; is this folder yours to write in?"

options=()
# Whoever only runs the example site has no test libraries; once tests were configured they stay.
[ $# -eq 0 ] || [ -e "$folder/CMakeCache.txt" ] || options+=(-DROLLCALL_TESTS=OFF)
[ $# -gt 0 ] || options+=(-DROLLCALL_TESTS=ON)

# Cached objects are shared between checkouts and presets.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

echo "build: configuring $preset"
cmake --preset "$preset" "${options[@]}" >"$folder/configure.log" 2>&1 || {
  grep -A 6 'CMake Error' "$folder/configure.log" >&2 || tail -n 5 "$folder/configure.log" >&2
  fail "cmake could not configure preset $preset; all it said is in $folder/configure.log."
}
targets=()
[ $# -eq 0 ] || targets=(--target "$@")
cmake --build --preset "$preset" "${targets[@]}" -j "${ROLLCALL_JOBS:-$(nproc)}" ||
  fail "preset $preset does not build; the first error above says where."
echo "build: $preset is built, in $SECONDS s"
