#!/bin/sh
# Writes requirements.lock from pyproject.toml: every package with the hashes of all its files, no addresses.
# Needs `pip-compile` (pip-tools); LOCK_WITH names another one. Run it on Python 3.11, the oldest supported.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp pyproject.toml "$scratch/"
[ ! -f requirements.lock ] || cp requirements.lock "$scratch/" # what is pinned stays, unless UPGRADE=1
(cd "$scratch" && "${LOCK_WITH:-pip-compile}" --generate-hashes --extra dev --strip-extras --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --quiet \
    ${UPGRADE:+--upgrade} -o requirements.lock pyproject.toml)
{
    echo "# Every package that runs or tests compsys, pinned with the hashes of all its published files."
    echo "# Made by \`make lock\` from pyproject.toml; installed by \`pip install --require-hashes -r requirements.lock\`."
    grep '^[a-zA-Z0-9 ]' "$scratch/requirements.lock" | grep -v '^#'
} > "$scratch/clean"
if grep -E '://|@ ' "$scratch/clean"; then
    echo "an address would have been written to the lock" >&2
    exit 1
fi
mv "$scratch/clean" requirements.lock
