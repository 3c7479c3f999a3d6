"""Runs every test side by side, and what failed there once more alone: `python -m tests.run [options]`.

Screens, real servers and killed processes share two cores with three workers, so a test may fail because
of its neighbours. Whatever fails is run again by itself, with the same seed: a broken promise breaks again,
and the run fails. What passes alone is printed by name at the end, because it leans on something that it
should not. More than a few failures are no accident: they are not run again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.house import ROOT

FEW = 6
"""Failures that may be the neighbours' doing."""

FAILED = 1
"""pytest's own status for "some tests failed"; any other has another cause (interrupted, nothing to run)."""

def pytest(root: Path, *options: str) -> tuple[int, list[str]]:
    """Run pytest in a folder, from an empty memory: its status, and the names of what failed."""
    remembered = root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    remembered.unlink(missing_ok=True)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *options], cwd=root)
    names = sorted(json.loads(remembered.read_text())) if remembered.is_file() else []
    return done.returncode, names


def say(*lines: str) -> None:
    """Print at once, between what pytest prints."""
    print(*lines, sep="\n", flush=True)


def main(options: list[str], root: Path = ROOT) -> int:
    """Run all, then the few that failed; 0 when none failed, or each passed alone."""
    status, failed = pytest(root, "-n", "3", "--dist", "loadfile", "--durations", "10", *options)
    if status != FAILED or not failed:
        return status
    if len(failed) > FEW:
        say(f"{len(failed)} tests failed: too many to be their neighbours' doing, so none is run again.")
        return status
    say("", f"{len(failed)} failed beside others; once more, alone:", *failed)
    status, still = pytest(root, "-p", "no:xdist", *failed)
    alone = [name for name in failed if name not in still] if status in (0, FAILED) else []
    if alone:
        say("", "PASSED ALONE AND FAILED BESIDE OTHERS (each of them needs mending):", *alone)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
