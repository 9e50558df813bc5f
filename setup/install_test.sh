#!/bin/bash
# setup/install.sh says in one sentence why it cannot go on, and leaves with a non-zero code.
# Runs it in a scratch folder with a package nobody has, and stand-ins for apt, df and sudo.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
failed=0

mkdir -p "$scratch/setup" "$scratch/build" "$scratch/bin"
cp install.sh "$scratch/setup/"
chmod 777 "$scratch/build"
printf '[run]\nrollcall-no-such-package  a name that Debian does not have\n[none]\nbash  always there\n' \
  >"$scratch/setup/packages.txt"

# stand_in NAME BODY: a program of that name that goes first on PATH.
stand_in() {
  printf '#!/bin/bash\n%s\n' "$2" >"$scratch/bin/$1"
  chmod 755 "$scratch/bin/$1"
}
candidate='echo "rollcall-no-such-package:"; echo "  Candidate: 1.0"'

# expect NAME CODE TEXT COMMAND...: the exit code, the text, and no more than four lines in all.
expect() {
  local name=$1 code=$2 text=$3 output got
  shift 3
  output=$(PATH=$scratch/bin:$PATH "$@" 2>&1 </dev/null)
  got=$?
  if [ "$got" -eq "$code" ] && grep -qF -- "$text" <<<"$output" && [ "$(wc -l <<<"$output")" -le 4 ]; then
    echo "ok - $name"
  else
    echo "not ok - $name: code $got, said: $output"
    failed=1
  fi
  rm -f "$scratch/bin/"*
}
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

expect "all there: silent success" 0 "" "$scratch/setup/install.sh" none
expect "an unknown group" 1 "has no group [nothing]" "$scratch/setup/install.sh" nothing

stand_in apt-get 'exit 0'
expect "a package that apt does not have" 1 "no package called rollcall-no-such-package" "$scratch/setup/install.sh" run

stand_in apt-get 'echo "Err:1 http://debian Temporary failure resolving"; exit 100'
expect "no network, no lists" 1 "cannot be reached" "$scratch/setup/install.sh" run

stand_in apt-cache "$candidate"
stand_in apt-get 'echo "E: Failed to fetch http://debian/x.deb  Could not connect"; exit 100'
expect "no network, old lists" 1 "cannot be reached" "$scratch/setup/install.sh" run

stand_in apt-cache "$candidate"
stand_in apt-get 'echo "E: You do not have enough free space: No space left on device"; exit 100'
expect "a disk that fills up" 1 "disk became full" "$scratch/setup/install.sh" run

stand_in df 'echo Avail; echo 1024'
expect "a full disk" 1 "MB free" "$scratch/setup/install.sh" run

stand_in apt-cache "$candidate"
stand_in apt-get 'exit 0'
expect "apt that lies" 1 "these are missing" "$scratch/setup/install.sh" run

mkdir "$scratch/bare"
for tool in bash awk dirname grep tail env; do ln -s "$(command -v "$tool")" "$scratch/bare/$tool"; done
expect "a system that is not Debian" 1 "on Debian 12 only" env PATH="$scratch/bare" bash "$scratch/setup/install.sh" run

if [ "$(id -u)" -eq 0 ]; then
  for tool in dpkg-query apt-get id cat; do ln -s "$(command -v "$tool")" "$scratch/bare/$tool"; done
  expect "neither root nor sudo" 1 "neither root nor sudo" as_nobody env PATH="$scratch/bare" bash "$scratch/setup/install.sh" run
  stand_in sudo 'exit 1'
  expect "sudo refused" 1 "sudo was refused" as_nobody bash "$scratch/setup/install.sh" run
fi
exit "$failed"
