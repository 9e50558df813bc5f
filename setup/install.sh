#!/bin/bash
# setup/install.sh GROUP...  installs what is missing of the groups in setup/packages.txt.
#
# Installs Debian packages only, asks apt only when something is missing, and changes no package
# configuration. Prints one sentence and leaves with a non-zero code when it cannot go on.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/packages.txt
log=$(dirname "$here")/build/install.log

fail() {
  echo "setup: $*" >&2
  exit 1
}

# names GROUP: the packages of one group.
names() {
  awk -v group="[$1]" '/^\[/ { inside = ($1 == group); next }
    inside && NF && $1 !~ /^#/ { print $1 }' "$list"
}

# missing PACKAGE...: those that are not installed.
missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# last_words: the line of the log that says most about a failure.
last_words() { { grep -E '^(E|W|Err|dpkg): ?' "$log" || tail -n 1 "$log"; } | tail -n 1; }

[ $# -gt 0 ] || fail "say which groups of setup/packages.txt to install, such as: setup/install.sh build run."
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  fail "this system has no dpkg and apt-get; Rollcall installs itself on Debian 12 only. The packages it needs are listed in setup/packages.txt."

wanted=()
for group in "$@"; do
  mapfile -t packages < <(names "$group")
  [ ${#packages[@]} -gt 0 ] || fail "setup/packages.txt has no group [$group]."
  [ "$group" = node ] && command -v npm >/dev/null && continue
  wanted+=("${packages[@]}")
done
[ ${#wanted[@]} -gt 0 ] || exit 0
mapfile -t todo < <(missing "${wanted[@]}")
[ ${#todo[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif ! command -v sudo >/dev/null; then
  fail "${#todo[@]} Debian packages are missing and there is neither root nor sudo here; have an administrator run: apt-get install ${todo[*]}"
elif sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; then
  as_root=(sudo)
else
  fail "${#todo[@]} Debian packages are missing and sudo was refused; have an administrator run: apt-get install ${todo[*]}"
fi
mkdir -p "$(dirname "$log")" 2>/dev/null && : >"$log" || fail "cannot write $log; is the disk full or the folder not yours?"

# The packages take about 1.5 GB for `./run` and 4 GB for `./test`.
need_mb=$((${#todo[@]} * 60 + 200))
free_mb=$(($(df --output=avail -k /usr | tail -n 1) / 1024))
[ "$free_mb" -ge "$need_mb" ] ||
  fail "the disk of /usr has $free_mb MB free and installing ${#todo[@]} packages may take $need_mb MB; nothing was installed."

# Ends by itself when the network hangs; waits for another apt that is at work.
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    apt-get -o Acquire::Retries=3 -o Acquire::http::Timeout=60 -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1
}
# unknown PACKAGE...: those that apt has no version of.
unknown() {
  local policy
  policy=$(LC_ALL=C apt-cache policy "$@" 2>/dev/null || true)
  printf '%s\n' "$@" | awk -v policy="$policy" '
    BEGIN {
      lines = split(policy, line, "\n")
      for (i = 1; i <= lines; i++) {
        if (line[i] ~ /^[^ ].*:$/) package = substr(line[i], 1, length(line[i]) - 1)
        if (line[i] ~ /^  Candidate: [^(]/) offered[package] = 1
      }
    }
    !($1 in offered)'
}

install() { apt install -y --no-install-recommends "${todo[@]}"; }

echo "setup: installing ${#todo[@]} Debian packages: ${todo[*]}"
echo "setup: apt's own words are in ${log#"$PWD"/}"
updated=no
update() {
  echo "setup: reading the package lists"
  updated=yes
  apt update || true  # one broken source of the user's own need not matter; what is missing shows below
}

[ -z "$(unknown "${todo[@]}")" ] || update
mapfile -t absent < <(unknown "${todo[@]}")
if [ ${#absent[@]} -gt 0 ]; then
  if grep -qE 'Could not resolve|Temporary failure|Could not connect|Connection (failed|timed out)|Network is unreachable' "$log"; then
    fail "the package server cannot be reached, so ${#todo[@]} packages could not be installed ($(last_words)); connect this machine and start again."
  fi
  fail "apt offers no package called ${absent[*]}; Rollcall needs Debian 12 (bookworm) with its main component, and this is $(. /etc/os-release && echo "${PRETTY_NAME:-unknown}")."
fi

# Lists may be older than what the server holds: read them once more before giving up.
if ! install && { [ "$updated" = yes ] || ! { update && install; }; }; then
  grep -qi 'no space left' "$log" &&
    fail "the disk became full while installing; make room and start again, apt continues where it stopped."
  grep -qE 'Failed to fetch|Could not resolve|Could not connect' "$log" &&
    fail "the package server cannot be reached ($(last_words)); connect this machine and start again."
  fail "apt could not install the packages: $(last_words) (all of it in $log)"
fi
mapfile -t todo < <(missing "${todo[@]}")
[ ${#todo[@]} -eq 0 ] || fail "apt said it was done, yet these are missing: ${todo[*]} (see $log)."
echo "setup: all packages are installed"
