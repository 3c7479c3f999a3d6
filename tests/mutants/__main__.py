"""Breaks a copy of the tree, one mutant at a time, and demands that the named test fails for it.

`python -m tests.mutants [name ...]`: all mutants, or those whose names contain one of the words given.
Exit 0 when every mutant was caught, else 1.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".venv.lock",
    "__pycache__",
    "*.pyc",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
)
LIMIT = 300  # seconds one test may take


class Outcome(NamedTuple):
    """How a pytest run ended: passed, failed, error (nothing was tested) or hung; and its last lines."""

    word: str
    said: str


def copy(root: Path, scratch: Path) -> Path:
    """Copy the tree to scratch/main; the real files that stand beside the tree are linked beside the copy."""
    tree = scratch / "main"
    shutil.copytree(root, tree, ignore=LEFT_OUT)
    beside = root.parent / "shared"
    if beside.is_dir():
        (scratch / "shared").symlink_to(beside)
    return tree


def run(tree: Path, tests: Sequence[str], stop_at_first: bool) -> Outcome:
    """Run the tests in the copy; its packages come before installed ones, also for programs they start."""
    report = tree / ".report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", ""]
    command += ["--rootdir", str(tree), f"--junitxml={report}", *(["-x"] if stop_at_first else []), *tests]
    env = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=tree,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=LIMIT * (1 if stop_at_first else len(tests)))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return Outcome("hung", f"nothing after {LIMIT} s")
    return Outcome(_word(process.returncode, report), "\n".join(said.splitlines()[-25:]))


def _word(code: int, report: Path) -> str:
    """Exit 1 also stands for errors in a fixture: only a test that failed counts as failed."""
    if code == 0:
        return "passed"
    if code != 1 or not report.exists():
        return "error"
    failures = sum(int(suite.get("failures", "0")) for suite in ET.parse(report).getroot().iter("testsuite"))
    return "failed" if failures else "error"


def broken(text: str, mutant: Mutant) -> str:
    """The file's text with the breakage in it. Raises ValueError when the table no longer fits the source."""
    if (times := text.count(mutant.old)) != 1:
        raise ValueError(f"{mutant.name}: the old text stands {times} times in {mutant.file}, not once")
    changed = text.replace(mutant.old, mutant.new)
    if changed == text:
        raise ValueError(f"{mutant.name}: changes nothing")
    if mutant.file.endswith(".py"):
        compile(changed, mutant.file, "exec")
    return changed


def judge(tree: Path, mutant: Mutant) -> Outcome:
    """Break the copy, run the named test, mend the copy. The outcome to hope for is `failed`."""
    file = tree / mutant.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(broken(sound, mutant), encoding="utf-8")
    try:
        return run(tree, [mutant.test], stop_at_first=True)
    finally:
        file.write_text(sound, encoding="utf-8")


def check(root: Path, mutants: Sequence[Mutant]) -> int:
    """Judge every mutant on a copy of root and print the table. Returns how many were not caught."""
    for mutant in mutants:  # the table is wrong as a whole or right as a whole, before any time is spent
        broken((root / mutant.file).read_text(encoding="utf-8"), mutant)
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        tree = copy(root, Path(scratch))
        tests = sorted({mutant.test for mutant in mutants})
        sound = run(tree, tests, stop_at_first=False)
        if sound.word != "passed":
            print(sound.said)
            print(f"\nOn the unbroken copy the named tests end with {sound.word}: no mutant was tried.")
            return len(mutants)
        print(f"{len(tests)} named tests pass on the unbroken copy\n")
        return sum(_line(tree, mutant) for mutant in mutants)


def _line(tree: Path, mutant: Mutant) -> int:
    began = time.monotonic()
    outcome = judge(tree, mutant)
    caught = outcome.word == "failed"
    word = "caught" if caught else {"passed": "SURVIVED"}.get(outcome.word, outcome.word.upper())
    print(f"{word:9} {time.monotonic() - began:5.1f} s  {mutant.name:48} {mutant.test}", flush=True)
    if outcome.word in {"error", "hung"}:
        print(outcome.said)
    return 0 if caught else 1


def main(words: Sequence[str]) -> int:
    """Judge the mutants whose names contain one of the words, or all; the exit code."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    if not chosen:
        print("no mutant has such a name" if words else "the table of mutants is empty")
        return 1
    missed = check(ROOT, chosen)
    print(f"\n{len(chosen) - missed} of {len(chosen)} mutants caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
