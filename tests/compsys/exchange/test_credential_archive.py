"""Archives of batches: whole or not there at all, and a check that sees every change."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from compsys.exchange import credential_archive as archive
from compsys.exchange.credential_archive import BadArchive, Batch

NOW = "2026-05-02T08:00:00.000Z"
OWN = {"entry": {"persons.json": b"[]\n"}, "certificates": {"1.json": b"{}\n", "2.json": b'{"a":1}\n'}}


def batch(**own: dict[str, bytes]) -> Batch:
    return Batch("b1", "cup", 7, "ab" * 32, "2026-05-01", 2, own or OWN)


def make(batch: Batch, add: Path | None, out: Path) -> tuple[archive.Manifest, str]:
    made = archive.make(batch, add, out, NOW)
    assert not out.exists(), "it gets its name last"
    made.keep()
    return made.manifest, made.digest


def added(folder: Path) -> Path:
    (folder / "process" / "day 1").mkdir(parents=True)
    (folder / "process" / "day 1" / "签到表.pdf").write_bytes(b"%PDF signed")
    (folder / "05-works").mkdir()
    (folder / "05-works" / "dish.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


@pytest.mark.parametrize("name", ["b1", "b1.zip"])
def test_an_archive_says_what_it_holds_how_long_and_which_volumes_are_empty(
    tmp_path: Path, name: str
) -> None:
    manifest, digest = make(batch(), added(tmp_path / "more"), tmp_path / name)
    assert (manifest.keep_paper_until, manifest.keep_files_until) == ("2029-05-01", "2031-05-01")
    assert manifest.empty == ("filing", "results") and manifest.certificates == 2
    assert [item.path for item in manifest.files] == [
        "01-entry/persons.json", "03-process/day 1/签到表.pdf", "05-works/dish.jpg",
        "06-certificates/1.json", "06-certificates/2.json",
    ]  # fmt: skip
    found = archive.check(tmp_path / name)
    assert not found.problems and found.manifest == manifest and found.digest == digest
    assert archive.over(manifest, "2029-05-01") == ()
    assert archive.over(manifest, "2031-05-02") == ("paper", "files")
    everything = [tmp_path / name, *(tmp_path / name).rglob("*")]
    assert not [path for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_equal_archives_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        make(batch(), None, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_check_sees_every_single_change_of_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "b1"
    make(batch(), added(tmp_path / "more"), out)
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != archive.MANIFEST)
    for path in files:
        inside, before = path.relative_to(out).as_posix(), path.read_bytes()
        path.write_bytes(bytes([before[0] ^ 1]) + before[1:])
        assert archive.check(out).problems == [("archive.changed", inside)]
        path.unlink()
        assert archive.check(out).problems == [("archive.missing", inside)]
        path.symlink_to(tmp_path / "elsewhere")
        (tmp_path / "elsewhere").write_bytes(before)  # the same bytes, but not in the archive
        assert archive.check(out).problems == [("archive.changed", inside)]
        path.unlink()
        path.write_bytes(before)
    (out / "more.txt").write_bytes(b"x")
    assert archive.check(out).problems == [("archive.extra", "more.txt")]
    (out / "more.txt").unlink()
    assert not archive.check(out).problems


def test_a_check_sees_a_changed_manifest_and_what_is_no_archive(tmp_path: Path) -> None:
    out = tmp_path / "b1"
    _, digest = make(batch(), None, out)
    manifest = out / archive.MANIFEST
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(said | {"keep_files_until": "2027-01-01"}))
    assert archive.check(out).digest != digest  # which the journal holds
    newer, other = json.dumps(said | {"format": "x/2"}), json.dumps(said | {"n": "7"})
    wrong = [("{", "bad"), ("[]", "bad"), ("[" * 9999, "bad"), (newer, "newer"), (other, "bad")]
    for text, kind in wrong:
        manifest.write_text(text)
        code = f"archive.{kind}" if kind == "newer" else "archive.bad_manifest"
        assert [found for found, _ in archive.check(out).problems] == [code]
    manifest.unlink()
    assert archive.check(out).problems[0][0] == "archive.no_manifest"
    assert archive.check(tmp_path / "nothing").problems[0][0] == "archive.unreadable"
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 no zip")
    assert archive.check(tmp_path / "no.zip").problems[0][0] == "archive.unreadable"


def test_a_zip_cut_or_changed_anywhere_is_seen(tmp_path: Path) -> None:
    whole = tmp_path / "b1.zip"
    make(batch(), None, whole)
    data, other = whole.read_bytes(), tmp_path / "other.zip"
    for cut in range(0, len(data), 97):
        other.write_bytes(data[:cut])
        assert archive.check(other).problems, cut
    with zipfile.ZipFile(whole) as zipped, zipfile.ZipFile(other, "w") as changed:
        for name in zipped.namelist():
            changed.writestr(name, zipped.read(name) + (b" " if name.endswith("1.json") else b""))
    assert archive.check(other).problems == [("archive.changed", "06-certificates/1.json")]


def test_what_cannot_be_archived_leaves_nothing_behind(tmp_path: Path) -> None:
    more = added(tmp_path / "more")
    (more / "06-certificates").mkdir()
    (more / "06-certificates" / "1.json").write_bytes(b"another")
    link = more / "works" / "link"
    cases = {"archive.add_twice": lambda: None, "archive.add_link": lambda: _link(link),
             "archive.add_volume": lambda: (more / "photos").mkdir()}  # fmt: skip
    for code, prepare in cases.items():
        prepare()
        for name in ("out", "out.zip"):
            with pytest.raises(BadArchive) as error:
                make(batch(), more, tmp_path / name)
            assert error.value.code == code
            assert {path.name for path in tmp_path.iterdir()} == {"more"}
    with pytest.raises(FileExistsError):
        make(batch(), None, more)


def _link(link: Path) -> None:
    (link.parent.parent / "06-certificates" / "1.json").unlink()
    link.parent.mkdir()
    link.symlink_to("/etc/hostname")
