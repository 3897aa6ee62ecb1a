#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: fetch-debian.sh SUITE PACKAGE FILE SHA256
#
# Download the original tarball of a source package of Debian's to FILE.
#
# apt does it, in a private directory: its own state, cache, source list and configuration, of which only the
# machine's download settings (proxy and the like) are taken over.  Nothing of the system's is read into or changed.
# The mirror is one that the machine itself uses.  apt checks the signature against Debian's keyring, and this
# script the SHA-256.  Works as root and as an ordinary user, and needs nothing but apt.
set -eu

suite=$1
package=$2
file=$3
sha256=$4

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

for keyring in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
    [ -r "$keyring" ] && break
done
[ -r "$keyring" ] || fail "Debian's keyring is missing (package debian-archive-keyring)"

# Mirrors of Debian itself: other distributions, and Debian's security archive, do not have the package.
# A mirror's list of suites has one plain name (bookworm); updates, backports and security have a "-" in it.
id=$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-}")
[ "$id" = debian ] || fail "the system is ${id:-unknown}, not Debian: its mirrors do not have Debian's packages"
# The format is apt's own, not the shell's.
# shellcheck disable=SC2016
mirrors=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 !~ /-/ && $1 !~ /^cdrom:/ && !seen[$1]++ { print $1 }' | head -n 3)
[ -n "$mirrors" ] || fail "the package sources of this machine name no Debian mirror"

dir=$(mktemp -d "${file}.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$dir/source"
: >"$dir/status"

# APT_CONFIG is read before the system's files, and takes them out: hooks of theirs (Docker images have some that
# delete the system's caches) shall not run.  The sandbox user _apt could not write here.
{
    apt-config dump | grep '^Acquire::' || true
    cat <<CONFIG
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$dir/state";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
APT::Sandbox::User "";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
CONFIG
} >"$dir/apt.conf"
export APT_CONFIG="$dir/apt.conf"

why=
for mirror in $mirrors; do
    printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$dir/sources.list"
    if why=$(cd "$dir/source" &&
        apt-get -q -o APT::Update::Error-Mode=any update 2>&1 &&
        apt-get -q source --download-only --tar-only --only-source "$package" 2>&1); then
        break
    fi
    why=$(printf '%s\n' "$why" | grep -E '^[EW]: ' | tail -n 3)
done

# The version may have grown a security update; the original tarball is the same.
tarball=$(find "$dir/source" -name "${package}_*.orig.tar.*")
[ -n "$tarball" ] || fail "${why:-apt-get has downloaded no original tarball}"
printf '%s  %s\n' "$sha256" "$tarball" | sha256sum -c - >/dev/null 2>&1 ||
    fail "$(basename "$tarball") is not the release wanted: its SHA-256 is $(sha256sum "$tarball" | cut -d ' ' -f 1)"
mv "$tarball" "$file"
