#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The one place that knows which packages feth needs.  Installs those of the named groups that are missing.
#
#   scripts/deps.sh [--check] GROUP…
#
#   build   what compiles the libraries and the programs
#   demo    what scripts/demo.sh types as the host: ping, curl, nc, ip
#   test    what the tests use beyond that
#   bench   what scripts/bench.sh measures and draws with
#   ci      the second compiler and the style checkers
#   cross   what looks at macOS programs built on Linux (scripts/zig.sh gets their compiler), and more tables of
#           macOS's numbers to compare ours with
#
# With --check nothing is installed: the status says whether all is there.  Where nothing is missing no privilege
# is needed, and no package index is read.
set -euo pipefail

# Often npm comes by a package of another name, or by none.
npm_unless_there() {
    command -v npm >/dev/null 2>&1 || echo "$1"
}

# name|other name: whichever of them the distribution has.  A minimal installation lacks even the CA certificates
# that a download of lwIP is checked with.
debian_packages() {
    case $1 in
    build) echo cmake ninja-build gcc libc6-dev 'pkgconf|pkg-config' libmnl-dev libpcap-dev libcjson-dev ca-certificates xz-utils ;;
    demo) echo iproute2 iputils-ping curl netcat-openbsd util-linux ;;
    test) echo libcmocka-dev iproute2 iputils-ping iputils-arping curl netcat-openbsd util-linux ethtool tcpdump \
        tshark jq iperf procps mandoc golang-golang-x-sys-dev librust-libc-dev ;;
    bench) echo iproute2 util-linux ethtool procps jq strace gnuplot-nox slirp4netns passt ;;
    ci) echo clang clang-format shellcheck git ;;
    cross) echo llvm golang-src "$(npm_unless_there npm)" ;;
    esac
}

fedora_packages() {
    case $1 in
    build) echo cmake ninja-build gcc pkgconf-pkg-config libmnl-devel libpcap-devel cjson-devel ca-certificates xz ;;
    demo) echo iproute iputils curl netcat util-linux ;;
    test) echo libcmocka-devel iproute iputils curl netcat util-linux ethtool tcpdump wireshark-cli jq iperf \
        procps-ng mandoc libasan libubsan libtsan ;;
    bench) echo iproute util-linux ethtool procps-ng jq strace gnuplot slirp4netns passt ;;
    ci) echo clang clang-tools-extra ShellCheck git ;;
    cross) echo llvm "$(npm_unless_there nodejs-npm)" ;;
    esac
}

# mandoc is not among them: it takes the place of man-db.
arch_packages() {
    case $1 in
    build) echo cmake ninja gcc pkgconf libmnl libpcap cjson ca-certificates xz ;;
    demo) echo iproute2 iputils curl openbsd-netcat util-linux ;;
    test) echo cmocka iproute2 iputils curl openbsd-netcat util-linux ethtool tcpdump wireshark-cli jq iperf procps-ng ;;
    bench) echo iproute2 util-linux ethtool procps-ng jq strace gnuplot slirp4netns passt ;;
    ci) echo clang shellcheck git ;;
    cross) echo llvm "$(npm_unless_there npm)" ;;
    esac
}

# The compiler comes with Xcode's command line tools; libpcap, ping, curl, nc and mandoc with the system.
brew_packages() {
    case $1 in
    build) echo cmake ninja pkgconf cjson ;;
    demo) ;;
    test) echo cmocka jq ;;
    bench) ;; # scripts/bench.sh runs on Linux
    ci) echo clang-format shellcheck ;;
    cross) ;;
    esac
}

debian_has() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

fedora_has() {
    rpm -q --whatprovides "$1" >/dev/null 2>&1
}

arch_has() {
    pacman -Qi "$1" >/dev/null 2>&1
}

brew_has() {
    brew list --versions "$1" >/dev/null 2>&1
}

die() {
    printf 'deps.sh: %s\n' "$*" >&2
    exit 1
}

# Run as root: directly, or with sudo where there is a way to answer it (a terminal) or nothing to be asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        die "these packages are missing and only root can install them; run as root: $*"
    fi
}

# A fresh container has no package index at all; an old index names packages that the mirror no longer has.
apt_updated=no
apt_update() {
    if [ "$apt_updated" = no ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
        apt_updated=yes
    fi
}

apt_candidate() {
    local policy
    # not by a pipe: grep would end at the first match, and apt-cache by SIGPIPE, which pipefail takes for a failure
    policy=$(apt-cache policy "$1" 2>/dev/null)
    grep -q '^ *Candidate: [^(]' <<<"$policy"
}

debian_install() {
    local wanted choice name found
    local names=()
    for wanted in "$@"; do
        found=
        for _ in before-update after-update; do
            for choice in ${wanted//|/ }; do
                if [ -z "$found" ] && apt_candidate "$choice"; then
                    found=$choice
                fi
            done
            [ -n "$found" ] && break
            apt_update
        done
        [ -n "$found" ] || die "no package source of this machine has ${wanted//|/ or }"
        names+=("$found")
    done
    # env, not export: sudo does not pass the environment on
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install)
    for name in "${names[@]}"; do
        printf 'deps.sh: installing %s\n' "$name"
    done
    if ! as_root "${install[@]}" "${names[@]}" </dev/null; then
        apt_update
        as_root "${install[@]}" "${names[@]}" </dev/null
    fi
}

fedora_install() {
    die "packages are missing; install them with: sudo dnf install $*"
}

arch_install() {
    die "packages are missing; install them with: sudo pacman -S --needed $*"
}

brew_install() {
    brew install "$@"
}

usage() {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"
}

check=no
groups=()
for arg in "$@"; do
    case $arg in
    --check) check=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    build | demo | test | bench | ci | cross) groups+=("$arg") ;;
    *) die "\"$arg\" is not a group: use build, demo, test, bench, ci or cross" ;;
    esac
done
[ "${#groups[@]}" -gt 0 ] || die "say what for: build, demo, test, bench, ci or cross"

if [ "$(uname -s)" = Darwin ]; then
    command -v brew >/dev/null 2>&1 || die "Homebrew is needed to install packages: see https://brew.sh"
    xcode-select -p >/dev/null 2>&1 || die "no compiler: install it with xcode-select --install"
    system=brew
elif command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
    system=debian
elif command -v dnf >/dev/null 2>&1; then
    system=fedora
elif command -v pacman >/dev/null 2>&1; then
    system=arch
else
    die "packages of this system are not known; by Debian's names the needed ones are: $(
        for group in "${groups[@]}"; do debian_packages "$group"; done | xargs
    )"
fi

missing=()
for wanted in $(for group in "${groups[@]}"; do "${system}_packages" "$group"; done | tr ' ' '\n' | sort -u); do
    there=no
    for choice in ${wanted//|/ }; do
        if "${system}_has" "$choice"; then
            there=yes
        fi
    done
    [ "$there" = yes ] || missing+=("$wanted")
done

if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$check" = yes ]; then
        die "missing: ${missing[*]}"
    fi
    "${system}_install" "${missing[@]}"
fi
