"""A failure beside others is run again alone: what breaks again fails the run, what passes is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.house import ROOT
from tests.run import FEW

ALWAYS = "def test_it():\n    assert 'broken' == 'whole'\n"
ONCE = """
from pathlib import Path
def test_it():
    mark = Path(__file__).with_name('been')
    before = mark.exists()
    mark.touch()
    assert before, 'the neighbours'
"""


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """The run over one file of tests, with a memory of its own."""
    (folder / "test_planted.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    code = "import pathlib, sys, tests.run; sys.exit(tests.run.main(['-n1'], pathlib.Path('.')))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_what_breaks_again_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, ALWAYS)
    assert done.returncode == 1, done.stdout
    assert "once more, alone" in done.stdout
    assert "PASSED ALONE" not in done.stdout


def test_what_passes_alone_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, ONCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_planted.py::test_it" in done.stdout.split("PASSED ALONE AND FAILED BESIDE OTHERS")[1]


def test_many_failures_are_not_run_again(tmp_path: Path) -> None:
    many = f"@pytest.mark.parametrize('i', range({FEW + 1}))"
    text = f"import pytest\n{many}\ndef test_it(i):\n    assert i < 0\n"
    done = run(tmp_path, text)
    assert done.returncode == 1
    assert "once more" not in done.stdout
    assert "none is run again" in done.stdout
