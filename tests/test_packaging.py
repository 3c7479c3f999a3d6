"""The wheel: it holds every template, catalogue, profile and fixture, and runs far from a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import ROOT

SHIPPED = ("scoring_rules", "compsys", "web", "fixtures")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pip install .` would install."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run_there(installed: Path, *arguments: str) -> str:
    """Run Python beside the installed packages, outside the checkout; its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=installed.parent,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_file_of_the_packages_is_shipped(installed: Path) -> None:
    here = {
        path.relative_to(ROOT)
        for package in SHIPPED
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here - {path.relative_to(installed) for path in installed.rglob("*")} == set()


def test_the_licence_is_shipped(installed: Path) -> None:
    assert [path.name for path in installed.glob("*.dist-info/licenses/*")] == ["LICENSE"]


@pytest.mark.parametrize("package", SHIPPED)
def test_data_is_found_beside_the_installed_code(installed: Path, package: str) -> None:
    code = f"import importlib.resources as r; print(r.files({package!r}) / '__init__.py')"
    assert run_there(installed, "-c", code).strip() == str(installed / package / "__init__.py")


def test_the_command_runs_outside_the_checkout(installed: Path) -> None:
    [entry] = installed.glob("*.dist-info/entry_points.txt")
    assert "compsys = compsys.__main__:main" in entry.read_text()
    assert "demo" in run_there(installed, "-m", "compsys", "--help")
