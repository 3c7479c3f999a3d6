#!/bin/sh
# Makes a fresh Debian or Ubuntu ready: system packages through apt-get, then .venv from requirements.lock.
# Usage: tools/setup.sh demo|test    (demo: Python only; test: also browsers, Chinese fonts, PostgreSQL and Redis)
set -eu
cd "$(dirname "$0")/.."
purpose="${1:-demo}"

say() { printf '%s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3; do
        if new_enough "$candidate"; then command -v "$candidate"; return 0; fi
    done
    return 1
}

# Prints the apt packages that are still missing, one per line.
missing() {
    if python=$(find_python); then
        "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
            "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    else
        printf 'python3\npython3-venv\n'
    fi
    [ "$purpose" = test ] || return 0
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        printf 'chromium\n'
    ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || printf 'fonts-noto-cjk\n'
    ls /usr/lib/*/libatomic.so.1 /usr/lib*/libatomic.so.1 2>/dev/null | grep -q . ||
        printf 'libatomic1\n' # what playwright's own driver needs and does not bring
    command -v redis-server >/dev/null || printf 'redis-server\n'
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || printf 'postgresql\n'
    command -v strace >/dev/null || command -v cc >/dev/null || printf 'strace\n' # one of them traces system calls
    command -v cc >/dev/null || printf 'gcc\nlibc6-dev\n' # the tests' power cuts are a small C library
}

# Prints what is worth having and not needed: the tests that want it say that they did not run.
welcome() {
    [ "$purpose" = test ] || return 0
    command -v WebKitWebDriver >/dev/null || printf 'webkit2gtk-driver\n' # the tablet's page in Safari's engine
    command -v Xvfb >/dev/null || printf 'xvfb\n'
    command -v certutil >/dev/null || printf 'libnss3-tools\n' # a browser that trusts the venue's certificate
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

system_packages() {
    wanted=$(missing; welcome)
    [ -n "$wanted" ] || return 0
    if may_install; then
        say "Installing: $(echo $wanted)"
        as_root apt-get update -qq || say "apt-get update failed; trying with the lists as they are"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null || true
    fi
    for package in $(welcome); do say "Not installed, so its tests do not run: $package"; done
    wanted=$(missing)
    [ -n "$wanted" ] || return 0
    say "Missing on this machine:"
    for package in $wanted; do say "  $package"; done
    say "Install them as root and run make again:  apt-get install $(echo $wanted)"
    exit 1
}

# .made-from tells what .venv was made from; it is written last, so that half a .venv is made anew.
virtual_environment() {
    python=$(find_python)
    made_from="$(sha256sum requirements.lock | cut -c1-64) $("$python" -V) $PWD"
    if [ "$(cat .venv/.made-from 2>/dev/null || true)" != "$made_from" ]; then
        say "Making .venv from requirements.lock (about a minute, only when the lock changes)"
        rm -rf .venv
        "$python" -m venv .venv
        .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
        printf '%s\n' "$made_from" > .venv/.made-from
    fi
    project="$(sha256sum pyproject.toml | cut -c1-64)"
    if [ "$(cat .venv/.project 2>/dev/null || true)" != "$project" ]; then
        .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-index --no-build-isolation -e .
        printf '%s\n' "$project" > .venv/.project
    fi
}

exec 9> .venv.lock
flock 9
system_packages
virtual_environment
