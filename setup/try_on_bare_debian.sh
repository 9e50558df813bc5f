#!/bin/bash
# Runs `./run --once`, twice, in a Debian 12 that has nothing but its minimal base system.
#
# The base system is made once by debootstrap and kept in build/bare-debian, as are downloaded
# packages; each try starts from a fresh copy of it and a clean checkout of HEAD. What this machine's
# compiler cache holds is used: it is asked by the contents of every file that a source includes, so
# that what the bare system lacks is still missed. All mounts live in a mount namespace of their own
# and vanish with it. Needs root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kept=$PWD/build/bare-debian
base=$kept/base
root=$kept/root

fail() {
  echo "bare Debian: $*" >&2
  exit 1
}

if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || fail "making a root folder needs root; run: sudo ./test setup"
  exec sudo -n --preserve-env=SSL_CERT_FILE,NODE_EXTRA_CA_CERTS,http_proxy,https_proxy,no_proxy "$0"
fi
compiled=$(ccache --get-config=cache_dir)
mkdir -p "$kept/archives/partial" "$compiled"
free_mb=$(($(df --output=avail -k "$kept" | tail -n 1) / 1024))
[ "$free_mb" -ge 5000 ] || fail "only $free_mb MB are free under build/ and the try needs 5000 MB; nothing was started."
unshare --mount true 2>/dev/null || fail "this machine allows no mount namespaces (it may be a container itself); run the try on one that does."

# The server this machine itself takes Debian from.
mirror=$(grep -rhoE '^(URIs:|deb) .*https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
  grep -oE 'https?://[^ ]+' | head -n 1 || true)
mirror=${mirror:-http://deb.debian.org/debian}

if [ ! -e "$base/etc/debian_version" ]; then
  echo "bare Debian: making the base system with debootstrap"
  rm -rf "$base" "$base.partial"
  debootstrap --variant=minbase bookworm "$base.partial" "$mirror" >"$kept/debootstrap.log" 2>&1 ||
    fail "debootstrap failed: $(tail -n 1 "$kept/debootstrap.log") (all of it in $kept/debootstrap.log)"
  mv "$base.partial" "$base"
fi

echo "bare Debian: a fresh root from it, and a clean checkout of $(git rev-parse --short HEAD)"
rm -rf --one-file-system "$root"
cp -a --reflink=auto "$base" "$root"
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
cat >"$root/etc/apt/sources.list" <<SOURCES
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb ${mirror%/debian*}/debian-security bookworm-security main
SOURCES
# How this machine reaches its package server; without these files a try behind a proxy would fail.
for file in /etc/apt/apt.conf.d/*proxy* /etc/resolv.conf /etc/hosts /usr/local/share/ca-certificates/*.crt; do
  [ ! -e "$file" ] || install -D -m 644 "$file" "$root$file"
done
# Packages need not outlive a power cut here: they install without waiting for the disk.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/without-sync"
git clone --quiet --no-hardlinks . "$root/rollcall"

environment=(
  HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
  CCACHE_DIR=/var/cache/ccache
)
for name in http_proxy https_proxy no_proxy; do [ -z "${!name-}" ] || environment+=("$name=${!name}"); done
# npm trusts a registry behind a local authority only when told.
[ -z "${NODE_EXTRA_CA_CERTS-}" ] || environment+=(NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt)

in_root() {
  unshare --mount --propagation private --pid --fork --kill-child bash -euc '
    root=$1 kept=$2 compiled=$3
    shift 3
    mkdir -p "$root/var/cache/ccache" "$root/var/cache/apt/archives"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount --bind "$kept/archives" "$root/var/cache/apt/archives"
    mount --bind "$compiled" "$root/var/cache/ccache"
    exec chroot "$root" env -i "$@"' bash "$root" "$kept" "$compiled" "${environment[@]}" "$@"
}

for try in first second; do
  echo "bare Debian: ./run --once, the $try time"
  in_root bash -c 'cd /rollcall && ./run --once' </dev/null || fail "./run --once failed the $try time; its root is kept in $root."
done
rm -rf --one-file-system "$root"
echo "bare Debian: ./run --once works on a bare Debian 12, and works again"
