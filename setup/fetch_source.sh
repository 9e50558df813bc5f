#!/bin/bash
# setup/fetch_source.sh PACKAGE  fetches a source package for the boards from Debian into
# build/PACKAGE/source.
#
# Asks the server that this machine takes Debian from, with a package list and a state folder of its
# own: nothing outside build/ changes. Versions and digests are pinned in setup/sources.txt. Does
# nothing when it has been done. Prints one sentence and leaves with a non-zero code when it cannot
# go on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
package=${1:?say which package of setup/sources.txt to fetch}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
kept=$PWD/build/$package
work=$kept/work
log=$kept/fetch.log

fail() {
  echo "$package: $*" >&2
  exit 1
}

# pinned: version on the first line, then the lines of digests.
pinned() {
  awk -v group="[$package]" '/^\[/ { inside = ($1 == group); if (inside) print $2; next }
    inside && NF && $1 !~ /^#/' setup/sources.txt
}
{ read -r version && digests=$(cat) && [ -n "$digests" ]; } < <(pinned) || fail "setup/sources.txt has no such package."
description=$(awk '$2 ~ /\.dsc$/ { print $2 }' <<<"$digests")

[ "$(cat "$kept/source/.fetched" 2>/dev/null)" != "$digests" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-source >/dev/null ||
  fail "this system has no apt-get and dpkg-source; the sources of $package for the boards come from Debian 12."
rm -rf "$work" 2>/dev/null && mkdir -p "$work"/{lists,cache,sources.d,files} 2>/dev/null && : >"$log" ||
  fail "cannot write $kept; is the disk full or the folder not yours?"

# apt itself says what it is configured with: one-line and deb822 sources alike.
mapfile -t servers < <(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Identifier: Packages' 2>>"$log" | awk '$2 == "bookworm" && $3 == "main" && $1 !~ /^cdrom:/ { print $1 }' | sort -u)
[ ${#servers[@]} -gt 0 ] ||
  fail "apt is configured with no source of bookworm main, where the sources of $package for the boards are; this is $(. /etc/os-release && echo "${PRETTY_NAME:-unknown}")."
printf "deb-src [signed-by=$keyring] %s bookworm main\n" "${servers[@]}" >"$work/sources.list"

# Ends by itself when the network hangs. The sandbox user could not write into a checkout in a home.
apt() {
  (cd "$work/files" && LC_ALL=C apt-get -o Dir::Etc::SourceList="$work/sources.list" \
    -o Dir::Etc::SourceParts="$work/sources.d" -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=60 \
    "$@") >>"$log" 2>&1
}
echo "$package: fetching the sources of $package $version"
apt update || true  # of several servers one may have no sources; what is missing shows below
if ! apt source --download-only "$package=$version"; then
  grep -qi 'no space left' "$log" && fail "the disk became full while fetching the sources of $package; make room and start again."
  grep -qE 'Failed to fetch|Could not (resolve|connect)|Temporary failure|Connection (failed|timed out)|Network is unreachable' "$log" &&
    fail "the package server cannot be reached, so the sources of $package for the boards are missing; connect this machine and start again (apt's words are in ${log#"$PWD"/})."
  fail "apt has no sources of $package $version: $(grep -E '^E: ' "$log" | tail -n 1) (all of it in $log)"
fi
(cd "$work/files" && sha256sum --check --strict <<<"$digests") >>"$log" 2>&1 ||
  fail "what the server sent as $package $version is not what setup/sources.txt expects (see $log); nothing of it was used."
# The digests are checked; whose key signed the description says no more.
dpkg-source --no-check -x "$work/files/$description" "$work/source" >>"$log" 2>&1 ||
  fail "the sources of $package could not be unpacked: $(tail -n 1 "$log") (all of it in $log)"
echo "$digests" >"$work/source/.fetched"
rm -rf "$kept/source"
mv "$work/source" "$kept/source"
rm -rf "$work"
