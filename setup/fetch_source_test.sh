#!/bin/bash
# setup/fetch_source.sh says in one sentence why it cannot go on, leaves with a non-zero code and uses
# nothing that is not what it expects. Runs it in a scratch folder with a stand-in for apt-get.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
mkdir -p "$scratch/setup" "$scratch/bin"
cp fetch_source.sh sources.txt "$scratch/setup/"
package=mbedtls

# apt UPDATE_AND_SOURCE [SERVERS]: an apt-get that knows SERVERS and does the rest as told.
apt() {
  printf '#!/bin/bash\n[ "$1" = indextargets ] && { printf "%%b" "%s"; exit; }\n%s\n' \
    "${2-http://debian.test/debian/ bookworm main\\n}" "$1" >"$scratch/bin/apt-get"
  chmod 755 "$scratch/bin/apt-get"
}

# expect NAME TEXT: the sentence, a code that is not 0, and no sources.
expect() {
  local output got
  output=$(PATH=$scratch/bin:$PATH "$scratch/setup/fetch_source.sh" "$package" 2>&1 </dev/null)
  got=$?
  if [ "$got" -ne 0 ] && grep -qF -- "$2" <<<"$output" && [ "$(grep -c "^$package: " <<<"$output")" -le 2 ] &&
    [ ! -e "$scratch/build/$package/source" ]; then
    echo "ok - $1"
  else
    echo "not ok - $1: code $got, said: $output"
    failed=1
  fi
}

apt 'echo "Err:1 http://debian.test Temporary failure resolving"; echo "E: Unable to find a source package"; exit 100'
expect "no network" "cannot be reached"
apt 'exit 0' 'http://other.test/ubuntu/ jammy main\n'
expect "a system that is not Debian 12" "no source of bookworm main"
apt '[[ " $* " = *" update "* ]] || { echo "E: Unable to find a source package for mbedtls"; exit 100; }'
expect "a server without sources" "has no sources of mbedtls 2.28.3-1"
for package in mbedtls zlib; do
  files=$(awk -v group="[$package]" '/^\[/ { inside = ($1 == group) } inside && NF == 2 && !/^\[/ { print $2 }' sources.txt | xargs)
  apt '[[ " $* " = *" update "* ]] || touch '"$files"
  expect "something else than what is pinned of $package" "is not what setup/sources.txt expects"
done
apt '[[ " $* " = *" update "* ]] || { echo "E: No space left on device"; exit 100; }'
expect "a full disk" "disk became full"
package=nothing
expect "a package that nobody pinned" "has no such package"
exit "$failed"
